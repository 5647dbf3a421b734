package cli

// CSLCmd is the verb `wafer csl`: programs in the machine's own language.
type CSLCmd struct {
	Build   CSLBuildCmd   `cmd:"" passthrough:"" help:"Compile a layout; takes the flags of cslc (wafer csl build --help)."`
	Run     CSLRunCmd     `cmd:"" help:"Run a compiled program without a host program."`
	Profile CSLProfileCmd `cmd:"" help:"Run a compiled program and say where its cycles went."`
	Conform CSLConformCmd `cmd:"" help:"Run the scripts of a checkout of examples and print which pass."`
	Routes  CSLRoutesCmd  `cmd:"" help:"Draw the routes of a compiled program."`
	Readelf CSLReadelfCmd `cmd:"" help:"List programs, symbols and memory of a compiled program."`
	Tools   CSLToolsCmd   `cmd:"" help:"Install cslc, cs_python, cs_readelf and sdk_debug_shell in a folder."`
	Host    CSLHostCmd    `cmd:"" hidden:"" help:"Serve one host program over stdin and stdout (docs/spec/wire.md)."`
}
