// SPDX-License-Identifier: Apache-2.0

//go:build requirements

// Package fixture is never built: it keeps in go.mod what is compiled straight out of other modules: Kubernetes' test programs, and
// ginkgo's command, which runs specs side by side.
package fixture

import (
	_ "github.com/onsi/ginkgo/v2/ginkgo"
	_ "k8s.io/kubernetes/test/e2e"
	_ "k8s.io/kubernetes/test/images/agnhost"
)
