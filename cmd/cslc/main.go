// Command cslc is the CSL compiler under the name that scripts call: it is
// `wafer csl build`.
package main

import (
	"os"

	"wafer/internal/cli"
)

func main() {
	args := append([]string{"csl", "build"}, os.Args[1:]...)
	os.Exit(cli.Main(args, cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
