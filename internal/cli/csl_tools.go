package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"wafer/python"
)

// CSLToolsCmd installs the commands that scripts call.
type CSLToolsCmd struct {
	Dir string `required:"" type:"path" help:"Folder to install into; put it on the PATH."`
}

// Run installs.
func (c *CSLToolsCmd) Run(io Streams) error {
	if err := installTools(c.Dir); err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	fmt.Fprintf(io.Out, "cslc, cs_python, cs_readelf and sdk_debug_shell are in %s\n", c.Dir)
	fmt.Fprintf(io.Out, "cs_python runs ${WAFER_PYTHON:-python3}, which needs numpy; some examples need scipy\n")
	return nil
}

// The launchers. Each finds the binary by the path that it was installed with.
// cs_python puts the tools on the PATH: host programs call cslc themselves.
const (
	launcherHead = "#!/bin/sh\n# Installed by `wafer csl tools`.\n"
	cslcScript   = launcherHead + "exec %[1]s csl build \"$@\"\n"
	readelf      = launcherHead + "exec %[1]s csl readelf \"$@\"\n"
	csPython     = launcherHead + `here=%[2]s
WAFER=${WAFER:-%[1]s}
PATH="$here:$PATH"
PYTHONPATH="$here/lib/python${PYTHONPATH:+:$PYTHONPATH}"
export WAFER PATH PYTHONPATH
exec "${WAFER_PYTHON:-python3}" "$@"
`
	debugShell = launcherHead + `verb=$1
[ $# -gt 0 ] && shift
case "$verb" in
compile) exec %[1]s csl build "$@" ;;
visualize) echo "sdk_debug_shell: there is no window here: wafer csl routes and wafer csl run --trace draw what happens" >&2; exit 2 ;;
*) echo "usage: sdk_debug_shell compile [flags of cslc] layout.csl" >&2; exit 2 ;;
esac
`
)

// launchers gives the scripts by name, for the system that we run on.
func launchers() map[string]string {
	if runtime.GOOS != "windows" {
		return map[string]string{"cslc": cslcScript, "cs_python": csPython, "cs_readelf": readelf, "sdk_debug_shell": debugShell}
	}
	// cmd.exe quotes with double quotes; a path cannot hold one.
	head := "@echo off\r\n"
	return map[string]string{
		"cslc.cmd":       head + "%[1]s csl build %*\r\n",
		"cs_readelf.cmd": head + "%[1]s csl readelf %*\r\n",
		"cs_python.cmd": head + "set WAFER=%[1]s\r\nset PATH=%[2]s;%PATH%\r\nset PYTHONPATH=%[2]s\\lib\\python;%PYTHONPATH%\r\n" +
			"if not defined WAFER_PYTHON set WAFER_PYTHON=python\r\n%WAFER_PYTHON% %*\r\n",
	}
}

// installTools writes the launchers and the Python package into dir.
func installTools(dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("install tools: %w", err)
	}
	lib := filepath.Join(dir, "lib", "python")
	if err := os.RemoveAll(filepath.Join(lib, "cerebras")); err != nil {
		return fmt.Errorf("install tools: %w", err)
	}
	if err := copyPython(lib); err != nil {
		return fmt.Errorf("install tools: %w", err)
	}
	for name, script := range launchers() {
		script = strings.ReplaceAll(script, "%[1]s", shellQuote(exe))
		script = strings.ReplaceAll(script, "%[2]s", shellQuote(dir))
		path := filepath.Join(dir, name)
		// An older launcher may be running or be a link: replace it, do not write into it.
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("install tools: %w", err)
		}
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			return fmt.Errorf("install tools: %w", err)
		}
	}
	return nil
}

func copyPython(lib string) error {
	return fs.WalkDir(python.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == "__pycache__" {
			return fs.SkipDir
		}
		to := filepath.Join(lib, filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(to, 0o777)
		}
		if !strings.HasSuffix(path, ".py") {
			return nil
		}
		text, err := python.Files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o666)
	})
}

func shellQuote(s string) string {
	if runtime.GOOS == "windows" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
