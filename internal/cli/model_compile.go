package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/llm/exec"
	"wafer/internal/llm/kernels"
	"wafer/internal/llm/place"
)

// codeFolder is an output folder that is in use.
const codeFolder diag.Code = "C2003"

// ModelCompileCmd writes the CSL project of a placement: kernels, the call of
// cslc, and a host program.
type ModelCompileCmd struct {
	target
	Out string `short:"o" required:"" help:"Folder for the project; it must not exist or be empty." type:"path" placeholder:"DIR"`
}

// Run writes the files.
func (c *ModelCompileCmd) Run(io Streams) error {
	m, mach, err := c.shape()
	if err != nil {
		return err
	}
	p, err := c.plan(m, mach)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(c.Out); err == nil && len(entries) > 0 {
		return diag.Diagnostic{Code: codeFolder, Message: fmt.Sprintf("the folder %s is not empty", c.Out), Cure: "give a new one"}
	}
	if err := c.write(p, mach.Arch.String(), mach.FabricW, mach.FabricH); err != nil {
		return &fault{code: ExitSystem, err: err}
	}
	fmt.Fprintf(io.Out, "%s: kernels in src, compile.sh for cslc, run.py for cs_python\n", c.Out)
	return nil
}

func (c *ModelCompileCmd) write(p place.Plan, arch string, fw, fh int) error {
	src := filepath.Join(c.Out, "src")
	if err := os.MkdirAll(src, 0o755); err != nil {
		return fmt.Errorf("make the project folder: %w", err)
	}
	err := fs.WalkDir(kernels.FS, "csl", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(kernels.FS, name)
		return errors.Join(err, os.WriteFile(filepath.Join(src, filepath.Base(name)), text, 0o644))
	})
	var params []string
	for _, q := range exec.Params(p) {
		params = append(params, q.Name+":"+q.Value)
	}
	script := fmt.Sprintf("#!/bin/sh\n# Compiles %s for a program rectangle of %d × %d cores.\nset -e\ncd \"$(dirname \"$0\")\"\n"+
		"cslc src/layout.csl --arch=%s --fabric-dims=%d,%d --fabric-offsets=4,1 --memcpy --channels=1 -o out \\\n  --params=%s\n",
		p.Model.Name, p.W(), p.H(), arch, fw, fh, strings.Join(params, ","))
	return errors.Join(err,
		os.WriteFile(filepath.Join(c.Out, "compile.sh"), []byte(script), 0o755),
		os.WriteFile(filepath.Join(c.Out, "run.py"), []byte(modelHost(p)), 0o644))
}

// modelHost feeds one token and reads the logits. Weights are what the copies
// before it put into the exported arrays; without, they are zero.
func modelHost(p place.Plan) string {
	x, y := p.Core(p.Regions()-1, 0, p.Rows/2)
	more, bits := "", 16
	if p.Model.QKVBias {
		more += ", bias"
	}
	if p.Model.QKNorm {
		more += ", norm_q, norm_k"
	}
	if p.Model.PostNorm {
		more += ",\nnorm_post_1, norm_post_2"
	}
	if p.LongTokens() {
		bits = 32
	}
	return fmt.Sprintf(`#!/usr/bin/env cs_python
"""One step of %s: a token goes in, the logits of the next come out.

The weights are zero unless load() fills the exported arrays: w_qkv, w_o, w_up,
w_down, norm_1, norm_2%s and turn on the cores of the layers, table on those of the
embedding (columns 0 to %d), w_head and norm_out on those of the head.
"""
import argparse

import numpy as np
from cerebras.sdk.runtime.sdkruntimepybind import MemcpyDataType, MemcpyOrder, SdkRuntime

WORDS, COLUMNS, VOCABULARY = %d, %d, %d

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="out")
parser.add_argument("--cmaddr")
parser.add_argument("--token", type=int, default=1)
args = parser.parse_args()

runner = SdkRuntime(args.name, cmaddr=args.cmaddr)
runner.load()
runner.run()
runner.launch("step", np.uint%d(args.token), np.uint16(0), nonblock=False)
logits = np.zeros(WORDS * COLUMNS, np.float32)
runner.memcpy_d2h(logits, runner.get_id("logits"), %d, %d, COLUMNS, 1, WORDS, streaming=False,
                  order=MemcpyOrder.ROW_MAJOR, data_type=MemcpyDataType.MEMCPY_32BIT, nonblock=False)
runner.stop()
print("logits", logits[:VOCABULARY])
print("SUCCESS!")
`, p.Model.Name, more, p.Table-1, p.Words, p.Table, p.Model.Vocab, bits, x, y)
}
