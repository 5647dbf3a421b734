package nodiff

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// maxTries bounds the work of Minimise.
const maxTries = 3000

// Minimise drops messages and statements of a program as long as wrong finds
// something wrong with it. It changes p.
func (p *Program) Minimise(wrong func(*Program) bool) {
	left := maxTries
	still := func() bool {
		left--
		return left > 0 && wrong(p)
	}
	for again := true; again && left > 0; {
		again = false
		for _, m := range p.messages {
			if m.off {
				continue
			}
			if m.off = true; still() {
				again = true
			} else {
				m.off = false
			}
		}
		for _, b := range p.blocks() {
			if shrink(&b.list, isTransfer, still) { // they go with their message
				again = true
			}
		}
		p.declarations(still)
	}
}

// declarations drops what nothing mentions any more.
func (p *Program) declarations(still func() bool) {
	shrink(&p.channels, nil, still)
	for _, c := range p.cores {
		for _, s := range c.steps {
			shrink(&s.fan, nil, still)
		}
		shrink(&c.views, nil, still)
		shrink(&c.structs, nil, still)
		shrink(&c.funcs, nil, still)
		shrink(&c.fifos, nil, still)
		kept := func(v *variable) bool { return v == c.vars[0] || v == c.vars[1] }
		shrink(&c.vars, kept, still)
		for _, v := range c.vars {
			init := v.init
			if v.init = nil; len(init) > 0 && !still() {
				v.init = init
			}
		}
	}
}

// shrink drops elements of a list, first many at a time, then single ones.
func shrink[T any](list *[]T, keep func(T) bool, still func() bool) bool {
	changed := false
	for size := len(*list); size > 0; size /= 2 {
		for at := len(*list) - size; at >= 0; at -= size {
			old := *list
			if keep != nil && slices.ContainsFunc(old[at:at+size], keep) {
				continue
			}
			*list = slices.Concat(old[:at], old[at+size:])
			if still() {
				changed = true
			} else {
				*list = old
			}
		}
	}
	return changed
}

func isTransfer(s stmt) bool {
	_, ok := s.(*transfer)
	return ok
}

// blocks are all blocks of a program, outer ones first.
func (p *Program) blocks() []*block {
	var out []*block
	var walk func(b *block)
	walk = func(b *block) {
		if b == nil {
			return
		}
		out = append(out, b)
		for _, s := range b.list {
			for _, in := range inside(s) {
				walk(in)
			}
		}
	}
	for _, c := range p.cores {
		for _, s := range c.steps {
			walk(s.body)
			walk(s.after)
			for _, f := range s.fan {
				walk(f.body)
			}
		}
		for _, f := range c.funcs {
			walk(f.body)
		}
	}
	return out
}

// inside are the blocks within a statement.
func inside(s stmt) []*block {
	switch x := s.(type) {
	case branch:
		return []*block{x.then, x.els}
	case choose:
		return append(slices.Clone(x.arms), x.other)
	case loop:
		return []*block{x.body}
	case each:
		return []*block{x.body}
	}
	return nil
}

// Archive is the program with its prediction, as a permanent test.
func (p *Program) Archive(comment string) []byte {
	how := fmt.Sprintf("profile %s\nseed %d\n", p.Profile, p.Seed)
	if p.Launched {
		how += "launch main\n"
	}
	a := &txtar.Archive{Comment: []byte(comment + "\n")}
	a.Files = append(a.Files, txtar.File{Name: "how", Data: []byte(how)})
	files := p.Files()
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(files[name])})
	}
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(p.want())})
	return txtar.Format(a)
}

// want lists the predicted memory: x y symbol and its words.
func (p *Program) want() string {
	var b strings.Builder
	states := p.Predict()
	if states == nil {
		return ""
	}
	for i, c := range p.cores {
		for _, v := range c.vars {
			fmt.Fprintf(&b, "%d %d %s", c.x, c.y, v.name)
			for _, x := range states[i].of(v) {
				words, _ := v.typ.stored(x)
				for _, w := range words {
					fmt.Fprintf(&b, " %d", w)
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Archived is a permanent test, read back.
type Archived struct {
	Files   map[string]string
	Profile string // the machine
	Launch  string
	Seed    uint64
	Want    string
}

// ReadArchive reads what Archive wrote.
func ReadArchive(data []byte) (Archived, error) {
	out := Archived{Files: map[string]string{}}
	for _, f := range txtar.Parse(data).Files {
		switch f.Name {
		case "how":
			if err := out.how(string(f.Data)); err != nil {
				return out, err
			}
		case "want":
			out.Want = string(f.Data)
		default:
			out.Files[f.Name] = string(f.Data)
		}
	}
	return out, nil
}

func (a *Archived) how(text string) error {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case key == "launch":
			a.Launch = value
		case key == "seed":
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return fmt.Errorf("seed: %w", err)
			}
			a.Seed = n
		case key == "profile":
			a.Profile = value
		default:
			return fmt.Errorf("a program has no setting %q", key)
		}
	}
	return nil
}
