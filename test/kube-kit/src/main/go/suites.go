// SPDX-License-Identifier: Apache-2.0

//go:build requirements

// Package fixture is never built: it keeps in go.mod what is compiled straight out of Kubernetes' own module.
package fixture

import (
	_ "k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/images/agnhost"
)
