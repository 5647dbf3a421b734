package sema_test

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wafer/internal/csl/lib"
	"wafer/internal/csl/sema"
	"wafer/internal/diag"
	"wafer/internal/machine"
)

// Byte mutations seldom get past the parser. Mutants are made of tokens: programs
// in which some are replaced by others of the same kind, or left out.

var tokenRE = regexp.MustCompile(`//[^\n]*|"[^"\n]*"|@[a-z_0-9]+|[A-Za-z_][A-Za-z_0-9]*|0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?|\s+|[-+*/%&|^<>=!]+|.`)

func tokenKind(t string) byte {
	switch c := t[0]; {
	case c == '@', c == '"', c == '/':
		return c
	case c >= '0' && c <= '9':
		return '0'
	case c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		return 'a'
	case strings.TrimSpace(t) == "":
		return ' '
	case strings.ContainsAny(t, "-+*/%&|^<>=!"):
		return '+'
	}
	return '('
}

// extraNames are thrown into every program: types and values of all kinds.
const extraNames = `bool i8 i16 u16 i32 u64 f16 f32 type void color direction comptime_int comptime_float comptime_string
comptime_struct mem1d_dsd mem4d_dsd fabin_dsd fabout_dsd dsr_dest input_queue output_queue local_task_id data_task_id
true false undefined EAST RAMP anyopaque u3 i63 `

// mutants calls f with n mutants of a text.
func mutants(text string, n int, seed uint64, f func(string)) {
	r := rand.New(rand.NewPCG(seed, 7))
	toks := tokenRE.FindAllString(text, -1)
	pool := map[byte][]string{}
	for _, t := range append(tokenRE.FindAllString(text, -1), strings.Fields(extraNames)...) {
		k := tokenKind(t)
		pool[k] = append(pool[k], t)
	}
	for name := range sema.BuiltinNames() {
		pool['@'] = append(pool['@'], "@"+name)
	}
	pool['0'] = append(pool['0'], "0", "1", "2", "65535", "99999999999999999999", "0.5", "-1")
	for range n {
		m := append([]string(nil), toks...)
		for range 1 + r.IntN(3) {
			i := r.IntN(len(m))
			k := tokenKind(m[i])
			switch {
			case k == ' ' || k == '/' || len(pool[k]) == 0:
			case r.IntN(6) == 0:
				m[i] = ""
			case r.IntN(6) == 0:
				j := r.IntN(len(m))
				m[i], m[j] = m[j], m[i]
			default:
				m[i] = pool[k][r.IntN(len(pool[k]))]
			}
			if m[i] == "" {
				m[i] = " "
			}
		}
		f(strings.Join(m, ""))
	}
}

// TestMutants compiles mutants of the test programs, the libraries and, with
// WAFER_CORPUS, of the published examples. WAFER_MUTANTS is their number for a file.
func TestMutants(t *testing.T) {
	n := 12
	if v, err := strconv.Atoi(os.Getenv("WAFER_MUTANTS")); err == nil {
		n = v
	}
	for name, text := range mutantSeeds(t) {
		mutants(text, n, uint64(len(text)), func(m string) { compileMutant(t, name, m) })
	}
}

func mutantSeeds(t *testing.T) map[string]string {
	seeds := map[string]string{"bench": bigPE}
	add := func(name string, text []byte, err error) {
		if err == nil && !strings.Contains(name, "quota") {
			seeds[name] = string(text)
		}
	}
	for _, pattern := range []string{"../testdata/errors/*.csl", "../testdata/run/*.csl"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			text, err := os.ReadFile(name)
			add(name, text, err)
		}
	}
	if err := fs.WalkDir(lib.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := lib.FS.ReadFile(path)
			add("lib/"+path, append(text, "\nfn f() void {}\n"...), err)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range filepath.SplitList(os.Getenv("WAFER_CORPUS")) {
		names, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*.csl"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			add(name, text, err)
		}
	}
	return seeds
}

func compileMutant(t *testing.T, name, text string) {
	files := map[string]string{"main.csl": text, "layout.csl": tileLayout}
	opt := sema.Options{
		File: "layout.csl", ReadFile: reading(files), Lib: lib.FS, Arch: machine.WSE2, Memcpy: true,
		Steps: fuzzSteps, DepthLimit: 60, MaxInlined: 2000,
	}
	if len(text)%2 == 0 {
		opt.Arch = machine.WSE3
	}
	if strings.Contains(text, "layout {") {
		opt.File = "main.csl"
	}
	// Every parameter gets a value, so that more than its absence is seen.
	for _, m := range regexp.MustCompile(`(?m)^param ([a-zA-Z_0-9]+) *:? *([a-z_0-9]*)`).FindAllStringSubmatch(text, -1) {
		v := "4"
		if m[2] == "bool" {
			v = "true"
		}
		opt.Params = append(opt.Params, sema.Param{Name: m[1], Value: v})
	}
	var ds diag.List
	sema.Compile(context.Background(), opt, &ds)
	for _, d := range ds.Sorted() {
		if d.Code == sema.EInternal {
			t.Errorf("%s: %s: %s (%s)\n%s", name, d.Pos, d.Message, d.Cure, excerpt(text, d.Pos.Line))
		}
	}
}

func excerpt(text string, line int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, line-3):min(len(lines), line+2)], "\n")
}
