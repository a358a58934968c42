// SPDX-License-Identifier: Apache-2.0

// Command etcd is the store under the API server, and, called as "etcd snapshot restore", its restoration: the etcd that
// Debian packages is too old for this API server.
package main

import (
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/etcdutl/v3/etcdutl"
	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "snapshot" {
		root := &cobra.Command{Use: "etcd", SilenceUsage: true}
		root.AddCommand(etcdutl.NewSnapshotCommand())
		if root.Execute() != nil {
			os.Exit(1)
		}
		return
	}
	etcdmain.Main(os.Args)
}
