package air

import (
	"fmt"
	"strings"

	"wafer/internal/image"
)

// Print gives a program as text, for golden tests and for people.
func Print(p *Program) string {
	var b strings.Builder
	for i, g := range p.Globals {
		fmt.Fprintf(&b, "global %d %s: %s, %d words", i, g.Name, g.Type, g.Words)
		if g.Align > 1 {
			fmt.Fprintf(&b, ", align %d", g.Align)
		}
		if g.Init != nil {
			fmt.Fprintf(&b, " = %v", brief(g.Init))
		}
		for _, r := range g.Relocs {
			fmt.Fprintf(&b, " [%d]+=g%d+%d", r.Off, r.Global, r.Addend)
		}
		b.WriteByte('\n')
	}
	for i, f := range p.Funcs {
		word := "fn"
		if f.Task {
			word = "task"
		}
		fmt.Fprintf(&b, "%s %d %s(%s) %s\n", word, i, f.Name, locals(f.Locals[:f.Params]), f.Ret)
		if len(f.Locals) > f.Params {
			fmt.Fprintf(&b, "  locals %s\n", locals(f.Locals[f.Params:]))
		}
		w := &printer{b: &b}
		w.stmts(f.Body, 1)
	}
	printConfig(&b, p.Config)
	return b.String()
}

// maxWords bounds the words shown of an initial value.
const maxWords = 16

func brief(w []uint16) string {
	if len(w) <= maxWords {
		return fmt.Sprint(w)
	}
	return fmt.Sprint(w[:maxWords]) + "…"
}

func locals(ls []Local) string {
	var parts []string
	for _, l := range ls {
		t := l.Rep.String()
		if l.Words > 0 {
			t = fmt.Sprintf("[%d]", l.Words)
		}
		parts = append(parts, strings.TrimSpace(l.Name+" "+t))
	}
	return strings.Join(parts, ", ")
}

func printConfig(b *strings.Builder, c *image.Program) {
	if c == nil {
		return
	}
	for _, t := range c.Tasks {
		fmt.Fprintf(b, "bind %d kind %d func %d queue %d\n", t.ID, t.Kind, t.Func, t.Queue)
	}
	for i := range c.In {
		if q := c.In[i]; q.Used {
			fmt.Fprintf(b, "in %d color %d\n", i, q.Color)
		}
		if q := c.Out[i]; q.Used {
			fmt.Fprintf(b, "out %d color %d\n", i, q.Color)
		}
	}
	for i, f := range c.Fifos {
		fmt.Fprintf(b, "fifo %d global %d words %d push %d pop %d\n", i, f.Addr, f.Words, f.ActivatePush, f.ActivatePop)
	}
	if c.Blocked|c.Active != 0 {
		fmt.Fprintf(b, "blocked %#x active %#x\n", c.Blocked, c.Active)
	}
	for _, e := range c.Exports {
		fmt.Fprintf(b, "export %d func %d global %d\n", e.Export, e.Func, e.Addr)
	}
}

type printer struct{ b *strings.Builder }

func (w *printer) line(depth int, format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(w.b, format, args...)
	w.b.WriteByte('\n')
}

//tidy:dispatch
func (w *printer) stmts(list []Stmt, d int) {
	for _, s := range list {
		switch s := s.(type) {
		case *SetLocal:
			w.line(d, "l%d = %s", s.Local, Text(s.X))
		case *Store:
			w.line(d, "%s[%s+%d] = %s", s.Rep, Text(s.Addr), s.Off, Text(s.X))
		case *Copy:
			w.line(d, "copy %s <- %s, %d words", Text(s.Dst), Text(s.From), s.Words)
		case *Eval:
			w.line(d, "%s", Text(s.X))
		case *If:
			w.line(d, "if %s", Text(s.C))
			w.stmts(s.Then, d+1)
			if len(s.Else) > 0 {
				w.line(d, "else")
				w.stmts(s.Else, d+1)
			}
		case *While:
			c := "forever"
			if s.C != nil {
				c = Text(s.C)
			}
			w.line(d, "while %d %s", s.ID, c)
			w.stmts(s.Body, d+1)
			if len(s.Post) > 0 {
				w.line(d, "post")
				w.stmts(s.Post, d+1)
			}
		case *Block:
			w.line(d, "block %d", s.ID)
			w.stmts(s.Body, d+1)
		case *Switch:
			w.line(d, "switch %s", Text(s.X))
			for _, c := range s.Cases {
				w.line(d, "case %v", c.Values)
				w.stmts(c.Body, d+1)
			}
			w.line(d, "default")
			w.stmts(s.Default, d+1)
		case *Break:
			w.line(d, "break %d", s.ID)
		case *Continue:
			w.line(d, "continue %d", s.ID)
		case *Return:
			if s.X == nil {
				w.line(d, "return")
			} else {
				w.line(d, "return %s", Text(s.X))
			}
		}
	}
}

// Text gives an expression as text.
//
//tidy:dispatch
func Text(e Expr) string {
	switch e := e.(type) {
	case nil:
		return "-"
	case *Const:
		return fmt.Sprintf("%s:%d", e.Rep, e.Bits)
	case *ConstDSD:
		return fmt.Sprintf("dsd{kind %d len %v stride %v dims %d q%d c%d flags %#x g%d+%d}", e.DSD.Kind, e.DSD.Length, e.DSD.Stride,
			e.DSD.Dims, e.DSD.Queue, e.DSD.Color, e.DSD.Flags, e.Global, e.Off)
	case *GlobalAddr:
		return fmt.Sprintf("&g%d+%d", e.Global, e.Off)
	case *LocalAddr:
		return fmt.Sprintf("&l%d+%d", e.Local, e.Off)
	case *FuncAddr:
		return fmt.Sprintf("&f%d", e.Func)
	case *GetLocal:
		return fmt.Sprintf("l%d", e.Local)
	case *Load:
		return fmt.Sprintf("%s[%s+%d]", e.Rep, Text(e.Addr), e.Off)
	case *Bin:
		return fmt.Sprintf("(%s %s%s %s)", Text(e.X), opName(e.Op), suffix(e.Rep), Text(e.Y))
	case *Un:
		return fmt.Sprintf("%s.%s(%s)", opName(e.Op), e.Rep, Text(e.X))
	case *Conv:
		if e.Bits {
			return fmt.Sprintf("bits.%s(%s)", e.To, Text(e.X))
		}
		return fmt.Sprintf("%s(%s)", e.To, Text(e.X))
	case *Logic:
		if e.Or {
			return fmt.Sprintf("(%s or %s)", Text(e.X), Text(e.Y))
		}
		return fmt.Sprintf("(%s and %s)", Text(e.X), Text(e.Y))
	case *Cond:
		return fmt.Sprintf("(%s ? %s : %s)", Text(e.C), Text(e.A), Text(e.B))
	case *Seq:
		var b strings.Builder
		w := &printer{b: &b}
		w.stmts(e.Stmts, 0)
		return "{" + strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", "; ") + "; " + Text(e.X) + "}"
	case *Call:
		return fmt.Sprintf("f%d(%s)", e.Func, texts(e.Args))
	case *SetDSD:
		return fmt.Sprintf("set_%s(%s, %s)", opName(e.Op), Text(e.X), Text(e.Y))
	case *DSDOp:
		ops := []string{operand(e.Dest)}
		for _, o := range e.Src {
			ops = append(ops, operand(o))
		}
		return fmt.Sprintf("@%s(%s)%s", image.DSDTable[e.Kind].Name, strings.Join(ops, ", "), options(e.Opt))
	case *LoadDSR:
		return fmt.Sprintf("dsr%d.%d = %s%s", e.File, e.ID, Text(e.X), options(e.Opt))
	case *Map:
		var ops []string
		for _, o := range e.Ops {
			ops = append(ops, operand(o))
		}
		return fmt.Sprintf("@map(f%d, %s) out %v", e.Func, strings.Join(ops, ", "), e.Out)
	case *Intrinsic:
		return fmt.Sprintf("%s.%s(%s) imm %d %q", opName(e.Op), e.Rep, texts(e.Args), e.Imm, e.Text)
	}
	return "?"
}

func texts(es []Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = Text(e)
	}
	return strings.Join(parts, ", ")
}

func operand(o Operand) string {
	switch o.Mode {
	case image.ModePtr:
		return "*" + Text(o.X)
	case image.ModeDSR:
		return fmt.Sprintf("dsr%d.%d", o.File, o.Num)
	case image.ModeFifo:
		return fmt.Sprintf("fifo%d", o.Num)
	}
	return Text(o.X)
}

func options(o Options) string {
	var parts []string
	add := func(on bool, text string) {
		if on {
			parts = append(parts, text)
		}
	}
	add(o.Async, "async")
	add(o.SaveAddr, "save_address")
	add(o.Single, "single_step")
	add(o.Activate != nil, "activate "+Text(o.Activate))
	add(o.Unblock != nil, "unblock "+Text(o.Unblock))
	add(o.UT >= 0, fmt.Sprintf("ut %d", o.UT))
	add(o.Index != nil, "index "+Text(o.Index))
	if len(parts) == 0 {
		return ""
	}
	return " {" + strings.Join(parts, ", ") + "}"
}

func suffix(r image.Rep) string { return ":" + r.String() }

// opName is the operator, or the name of the machine operation.
func opName(op image.Op) string {
	names := map[image.Op]string{
		image.OpAdd: "+", image.OpSub: "-", image.OpMul: "*", image.OpDiv: "/", image.OpMod: "%", image.OpAnd: "&",
		image.OpOr: "|", image.OpXor: "^", image.OpShl: "<<", image.OpShr: ">>", image.OpNeg: "neg", image.OpNot: "not",
		image.OpEq: "==", image.OpNe: "!=", image.OpLt: "<", image.OpLe: "<=", image.OpSqrt: "sqrt", image.OpFMA: "fma",
		image.OpClz: "clz", image.OpCtz: "ctz", image.OpPopcnt: "popcnt", image.OpActivate: "activate", image.OpBlock: "block",
		image.OpUnblock: "unblock", image.OpDSDLen: "length", image.OpDSDBase: "base", image.OpDSDStride: "stride",
		image.OpDSDAdd: "move", image.OpTime: "time", image.OpTimer: "timer", image.OpRandom: "random", image.OpPRNG: "prng",
		image.OpGetConf: "get_config", image.OpSetConf: "set_config", image.OpPE: "pe", image.OpFlush: "flush",
		image.OpFifoSet: "fifo_length", image.OpHostDone: "done", image.OpPrint: "print", image.OpTrap: "trap",
	}
	if n, ok := names[op]; ok {
		return n
	}
	return fmt.Sprintf("op%d", op)
}
