// SPDX-License-Identifier: Apache-2.0

// Command references prints, as "NAME REFERENCE" on each line, the image references that this version's kubelet and
// end-to-end tests ask for and that the fixture's own images answer to.
package main

import (
	"fmt"

	"k8s.io/kubernetes/test/utils/image"
)

func main() {
	answers := map[string][]image.ImageID{
		"pause":   {image.Pause},
		"busybox": {image.BusyBox},
		// Nginx and the DNS tools are only used as something that runs, or for programs that agnhost's image has too.
		"agnhost": {image.Agnhost, image.Nginx, image.JessieDnsutils},
	}
	for name, ids := range answers {
		for _, id := range ids {
			fmt.Println(name, image.GetE2EImage(id))
		}
	}
}
