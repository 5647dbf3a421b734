// Command wafer is the open wafer-scale computer: see internal/cli.
package main

import (
	"os"

	"wafer/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
