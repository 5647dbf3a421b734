package lower

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wafer/internal/csl/air"
	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
)

// Memory of a core, from word 0: the globals, the stack, free words; the code and
// the host runtime count at the upper end, where nothing of them is stored. So a
// simulated core keeps no memory for them.
const (
	// runtimeWords is what the copy and launch runtime takes: 4,176 bytes as
	// published for a minimal WSE-3 program, less the code of that program.
	runtimeWords = 2040
	// baseWords keeps address 0 free, so that no variable has the null address.
	baseWords = 8
	// codeWords is the size of one of our instructions in the simulated memory.
	// ASSUMED(code-size): the machine's instructions have 32 bits and ours do
	// about as much as one of them.
	codeWords = 2
	// stackWords is what must stay free for frames.
	stackWords = 64
)

func (l *lowerer) placeGlobals() {
	l.addr = make([]int, len(l.in.Globals))
	at := baseWords
	l.sectionEnd = map[string]int{}
	for k := range l.in.Globals {
		i := k
		if l.in.Order != nil {
			i = l.in.Order[k]
		}
		g := l.in.Globals[i]
		if g.Addr >= 0 {
			l.addr[i] = g.Addr
			continue
		}
		if l.inSection(i, g) {
			continue
		}
		at = alignUp(at, max(1, g.Align))
		l.addr[i] = at
		at += g.Words
	}
	l.dataEnd = at
}

// inSection places a global of a section whose start is given.
func (l *lowerer) inSection(i int, g *air.Global) bool {
	start, ok := l.opt.Sections[g.Section]
	if !ok || g.Section == "" {
		return false
	}
	end, begun := l.sectionEnd[g.Section]
	if !begun {
		end = start
	}
	l.addr[i] = alignUp(end, max(1, g.Align))
	l.sectionEnd[g.Section] = l.addr[i] + g.Words
	return true
}

// sectionsFit checks that placed sections neither overlap each other nor what lies
// below them, and end within memory.
func (l *lowerer) sectionsFit(ds *diag.List) bool {
	names := slices.SortedFunc(maps.Keys(l.sectionEnd), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.opt.Sections[a], l.opt.Sections[b]), cmp.Compare(a, b))
	})
	below, what := l.dataEnd+stackWords, "the other variables and the stack"
	for _, n := range names {
		start, end := l.opt.Sections[n], l.sectionEnd[n]
		if start < below || end > machine.SRAMWords {
			ds.Add(diag.Diagnostic{
				Code: "E2003", Pos: diag.Pos{File: l.opt.File},
				Message: fmt.Sprintf("section %s takes bytes %d to %d; %s end at %d, memory at %d", n, 2*start, 2*end, what, 2*below, 2*machine.SRAMWords),
				Cure:    "choose other addresses in --link-section-start-address-bytes",
			})
			return false
		}
		below, what = end, "variables of section "+n
	}
	return true
}

func alignUp(x, a int) int { return (x + a - 1) / a * a }

// fill completes everything that waited for addresses and function numbers.
func (l *lowerer) fill() {
	for i, g := range l.in.Globals {
		l.out.Symbols = append(l.out.Symbols, image.Symbol{
			Name: g.Name, Type: g.Type, Addr: uint16(l.addr[i]), Words: g.Words, Exported: g.Export,
		})
		if words := l.initial(g); words != nil {
			l.out.Data = append(l.out.Data, image.Segment{Addr: uint16(l.addr[i]), Words: words})
		}
	}
	slices.SortStableFunc(l.out.Symbols, func(a, b image.Symbol) int { return cmp.Compare(a.Addr, b.Addr) })
	slices.SortFunc(l.out.Data, func(a, b image.Segment) int { return cmp.Compare(a.Addr, b.Addr) })
	for i := range l.out.Exports {
		if e := &l.out.Exports[i]; e.Func < 0 {
			e.Addr = uint16(l.addr[e.Addr])
		}
	}
	for i := range l.out.Fifos {
		f := &l.out.Fifos[i]
		f.Addr = uint16(l.addr[f.Addr])
	}
	for _, d := range l.in.DSRs {
		l.out.DSRs = append(l.out.DSRs, image.DSRInit{File: d.File, ID: d.ID, DSD: l.dsd(d.DSD), Opt: startOptions(d.Opt)})
	}
	l.out.StackAt = uint16(min(alignUp(l.dataEnd, 2), machine.SRAMWords-1))
}

// initial gives a global's words with addresses filled in; nil for all zeros.
func (l *lowerer) initial(g *air.Global) []uint16 {
	if g.Init == nil && len(g.Relocs) == 0 {
		return nil
	}
	words := make([]uint16, g.Words)
	copy(words, g.Init)
	for _, r := range g.Relocs {
		if r.Global >= 0 {
			words[r.Off] += uint16(l.addr[r.Global] + r.Addend)
		} else {
			words[r.Off] += uint16(r.Func)
		}
	}
	return words
}

// fits checks the program's size against a core's memory.
func (l *lowerer) fits(ds *diag.List) bool {
	code := len(l.out.Code) * codeWords
	runtime := 0
	if l.opt.Memcpy {
		runtime = runtimeWords
	}
	need := l.dataEnd + stackWords + code + runtime
	for name, end := range l.sectionEnd {
		need += end - l.opt.Sections[name]
	}
	if need <= machine.SRAMWords {
		return l.sectionsFit(ds)
	}
	ds.Add(diag.Diagnostic{
		Code: "E2001", Pos: diag.Pos{File: l.opt.File},
		Message: fmt.Sprintf("the program needs %d bytes of a core's %d: data %d, code about %d, stack %d, host runtime %d; largest: %s",
			2*need, 2*machine.SRAMWords, 2*l.dataEnd, 2*code, 2*stackWords, 2*runtime, l.largest(6)),
		Cure: "make arrays smaller, spread them over more cores, or reuse one for several purposes",
	})
	return false
}

func (l *lowerer) largest(n int) string {
	gs := slices.Clone(l.in.Globals)
	slices.SortStableFunc(gs, func(a, b *air.Global) int { return cmp.Compare(b.Words, a.Words) })
	var parts []string
	for _, g := range gs[:min(n, len(gs))] {
		parts = append(parts, fmt.Sprintf("%s %d", g.Name, 2*g.Words))
	}
	return strings.Join(parts, ", ")
}
