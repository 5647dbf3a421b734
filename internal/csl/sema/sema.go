// Package sema finds out what a CSL program means.
//
// In: untyped trees of the layout file and all it imports. Out: an image without
// code (rectangle, routes, exports) and one typed tree (package air) for each
// distinct core program. Nothing that the programmer decided at compile time is
// left to decide: modules are instantiated, generics are copied, comptime code
// has run.
//
// How it works, in one walk, as in Zig's Sema:
//
//  1. An expression evaluates to an operand: a comptime value, or typed code for
//     the core. Whether a statement runs now or is emitted depends on the frame:
//     layout, global initialisers and comptime blocks run; function bodies are
//     emitted, and what is comptime-known in them is computed on the way.
//  2. The layout block runs first. It only notes which file runs where with which
//     parameters; equal pairs are found by hash.
//  3. Each distinct pair becomes a program: a fresh instance of the file and of
//     every module it imports. Comptime blocks run, then the functions reachable
//     from tasks and exports are emitted, then the initial values of the globals
//     that these use. What nothing reaches is never looked at.
//
// A mistake poisons its operand, so that one mistake gives one diagnostic.
package sema

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"runtime/debug"
	"strings"

	"wafer/internal/csl/air"
	"wafer/internal/csl/syntax"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Limits on comptime evaluation. Each has a diagnostic that names it.
const (
	defaultTurns = 1 << 20       // turns of one comptime loop
	defaultSteps = 1_000_000_000 // loop turns and calls at comptime, in one compilation
	defaultDepth = 1000          // nested comptime calls
	maxArray     = 1 << 24       // elements of a comptime array
	maxInstances = 100_000       // modules, and functions, of one program
	maxFabric    = 4096          // cores in one direction
	maxPrograms  = 1 << 20       // distinct programs
	maxStackLen  = 5             // call notes on a diagnostic
)

// Param is one name:value of the command line.
type Param struct{ Name, Value string }

// Options say what to compile.
type Options struct {
	File string // the layout file
	// ReadFile reads a source file by the name it was imported with.
	ReadFile         func(name string) ([]byte, error)
	Lib              fs.FS // the <…> libraries; nil for none
	Arch             machine.Arch
	FabricW, FabricH int
	OffsetX, OffsetY int
	Params, Colors   []Param
	Memcpy           bool
	ImportPaths      []string
	FP16             string
	MaxInlined       int
	DepthLimit       int
	// Steps bounds all comptime evaluation together; 0 for the default.
	Steps int
	// BareTiles accepts cores of the rectangle without code.
	BareTiles bool
	// WestBuf and EastBuf are columns that --memcpy needs beside its own.
	WestBuf, EastBuf int
	// Print receives what @comptime_print prints; nil drops it.
	Print func(text string)
}

// Result is a compiled layout: Image.Programs is empty, Tiles index Programs.
type Result struct {
	Image    *image.Image
	Programs []*air.Program
	// Sources gives the text of every file read, by the name in diagnostics.
	Sources map[string][]byte
}

// Compile compiles a program with its layout. The result is nil if ds holds an error.
func Compile(ctx context.Context, opt Options, ds *diag.List) (res *Result) {
	s := newSema(ctx, opt, ds)
	defer func() {
		if r := recover(); r != nil {
			s.crashed(r)
			res = nil
		}
	}()
	res = s.compile()
	if ds.HasErrors() {
		return nil
	}
	return res
}

// sema is one compilation.
type sema struct {
	*pool
	ctx     context.Context
	opt     Options
	ds      *diag.List
	fp16    *Type
	files   map[string]*file
	lay     *layout
	prog    *program // being compiled; nil while the layout runs
	fr      *frame
	locs    []local
	depth   int
	quota   int
	turns   int                // of one loop
	brk     *target            // of the break or continue on its way out
	pending ctl                // how control leaves a block inside an expression
	last    []air.Stmt         // see blockResult
	late    func(*air.Options) // see onControl
	at      syntax.Pos
	// literals and joins remember the last type of a literal or concatenation.
	literals map[*syntax.StructLit]*Type
	joins    map[*syntax.Builtin]*Type
	effects  int // see memo.go
	seed     maphash.Seed
	// modules counts instances, for the limit.
	modules            int
	builtins           map[string]builtinFn
	dsdOps             map[string]image.DSDKindOp
	memoSpec, memoFrom string
	memoFile           *file
}

func newSema(ctx context.Context, opt Options, ds *diag.List) *sema {
	s := &sema{
		pool: newPool(), ctx: ctx, opt: opt, ds: ds, files: map[string]*file{},
		seed: maphash.MakeSeed(), literals: map[*syntax.StructLit]*Type{}, joins: map[*syntax.Builtin]*Type{},
		builtins: builtinTable(), dsdOps: dsdOpNames(),
	}
	if s.opt.Arch == 0 {
		s.opt.Arch = machine.WSE2
	}
	if s.opt.DepthLimit <= 0 {
		s.opt.DepthLimit = defaultDepth
	}
	if s.quota = opt.Steps; s.quota <= 0 {
		s.quota = defaultSteps
	}
	if s.turns = opt.MaxInlined; s.turns <= 0 {
		s.turns = defaultTurns
	}
	switch opt.FP16 {
	case "bf16":
		s.fp16 = s.bf16
	case "cb16":
		s.fp16 = s.cb16
	default:
		s.fp16 = s.f16
	}
	return s
}

// crashed turns a bug of ours into a diagnostic at the place being compiled.
func (s *sema) crashed(r any) {
	if _, ok := r.(stop); ok {
		return
	}
	pos := diag.Pos{File: s.opt.File}
	if s.fr != nil && s.fr.mod != nil {
		pos = s.fr.mod.file.tree.Place(s.at, 1)
	}
	text := fmt.Sprint(r)
	if err, ok := r.(error); ok && strings.Contains(text, "stack") {
		text = err.Error()
	}
	s.ds.Add(diag.Diagnostic{
		Code: EInternal, Pos: pos, Message: "the compiler failed here: " + text,
		Cure: "please report this with the file; " + firstFrames(string(debug.Stack())),
	})
}

// firstFrames keeps the names of our functions on the stack, not the addresses.
func firstFrames(stack string) string {
	var out []string
	for line := range strings.Lines(stack) {
		line = strings.TrimSpace(line)
		if i := strings.Index(line, "/sema/"); i >= 0 && len(out) < 6 {
			if j := strings.Index(line, " +0x"); j > 0 {
				line = line[:j]
			}
			out = append(out, line[i+1:])
		}
	}
	return "in " + strings.Join(out, ", ")
}

// stop ends the compilation after a diagnostic that makes going on useless.
type stop struct{}

// tick counts a comptime step against the quota and looks for cancellation.
func (s *sema) tick(p syntax.Pos) {
	s.quota--
	if s.quota&0xffff == 0 && s.ctx.Err() != nil {
		s.errAt(p, ECancelled, "", "compilation stopped: %v", context.Cause(s.ctx))
		panic(stop{})
	}
	if s.quota < 0 {
		s.errAt(p, EQuota, "shorten the computation", "comptime evaluation took more than %d steps", max(defaultSteps, s.opt.Steps))
		panic(stop{})
	}
}

// loopTurn counts a turn of one comptime loop.
func (s *sema) loopTurn(p syntax.Pos, n int) {
	s.tick(p)
	if n > s.turns {
		s.errAt(p, EQuota, "shorten the loop, or raise --max-inlined-iterations", "comptime evaluation took more than %d turns of this loop", s.turns)
		panic(stop{})
	}
}

// errAt reports a mistake at p of the file being evaluated.
func (s *sema) errAt(p syntax.Pos, code diag.Code, cure, format string, args ...any) {
	s.ds.Add(diag.Diagnostic{
		Code: code, Pos: s.place(p), Message: fmt.Sprintf(format, args...), Cure: cure, Notes: s.trace(),
	})
}

// err reports without a cure and gives the poisoned operand.
func (s *sema) err(p syntax.Pos, code diag.Code, format string, args ...any) Operand {
	s.errAt(p, code, "", format, args...)
	return Operand{T: s.bad}
}

// errCure is err with a cure.
func (s *sema) errCure(p syntax.Pos, code diag.Code, cure, format string, args ...any) Operand {
	s.errAt(p, code, cure, format, args...)
	return Operand{T: s.bad}
}

func (s *sema) warn(p syntax.Pos, code diag.Code, format string, args ...any) {
	s.ds.Warnf(s.place(p), code, format, args...)
}

func (s *sema) place(p syntax.Pos) diag.Pos {
	if s.fr == nil || s.fr.mod == nil {
		return diag.Pos{File: s.opt.File}
	}
	tree := s.fr.mod.file.tree
	return tree.Place(p, wordLen(tree.Text, int(p)))
}

// wordLen is the length of the name, builtin or number at p, for underlining.
func wordLen(text []byte, p int) int {
	n := 0
	for i := p; i < len(text); i++ {
		c := text[i]
		if c != '_' && (c < '0' || c > '9') && (c|32 < 'a' || c|32 > 'z') && (c != '@' || n > 0) {
			break
		}
		n++
	}
	return max(n, 1)
}

// trace gives a note for each call that led here.
func (s *sema) trace() []diag.Extra {
	var out []diag.Extra
	for f := s.fr; f != nil && f.up != nil && len(out) < maxStackLen; f = f.up {
		if f.why == "" || f.up.mod == nil {
			continue
		}
		out = append(out, diag.Extra{Pos: f.up.mod.file.tree.Place(f.callAt, 1), Message: f.why})
	}
	return out
}

// minNear is the shortest name worth a guess: any two letters are near another.
const minNear = 3

// nearest is the candidate that a name is most likely a slip of, "" for none.
func nearest(word string, candidates []string) string {
	if len(word) < minNear {
		return ""
	}
	return diag.Nearest(word, candidates)
}

var errNoReader = errors.New("no reader for source files")
