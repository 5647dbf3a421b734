package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Source gives the text of a file for excerpts; ok is false when it has none.
type Source func(file string) (text []byte, ok bool)

// Render writes the diagnostics for a person: place and reason, the source line
// with the mistake underlined, the notes, the cure. src may be nil.
func Render(w io.Writer, ds []Diagnostic, src Source) error {
	var b strings.Builder
	for _, d := range ds {
		renderOne(&b, d, src)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func renderOne(b *strings.Builder, d Diagnostic, src Source) {
	if p := d.Pos.String(); p != "" {
		fmt.Fprintf(b, "%s: ", p)
	}
	fmt.Fprintf(b, "%s[%s]: %s\n", d.Severity, d.Code, d.Message)
	excerpt(b, d.Pos, src)
	for _, n := range d.Notes {
		fmt.Fprintf(b, "%s: note: %s\n", n.Pos, n.Message)
		excerpt(b, n.Pos, src)
	}
	if d.Cure != "" {
		fmt.Fprintf(b, "  cure: %s\n", d.Cure)
	}
}

// maxExcerpt cuts very long source lines, as generated files have them.
const maxExcerpt = 160

func excerpt(b *strings.Builder, p Pos, src Source) {
	if src == nil || p.Line == 0 {
		return
	}
	text, ok := src(p.File)
	if !ok {
		return
	}
	line, ok := lineOf(text, p.Line)
	if !ok || len(line) > maxExcerpt {
		return
	}
	fmt.Fprintf(b, "%5d | %s\n", p.Line, line)
	if p.Col < 1 || p.Col > len(line)+1 {
		return
	}
	fmt.Fprintf(b, "      | %s%s\n", pad(line[:p.Col-1]), underline(line, p))
}

func lineOf(text []byte, n int) (string, bool) {
	lines := strings.SplitN(string(text), "\n", n+1)
	if len(lines) < n {
		return "", false
	}
	return strings.TrimRight(lines[n-1], "\r"), true
}

// pad keeps tabs, so that the caret stands under its character in any terminal.
func pad(prefix string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, prefix)
}

func underline(line string, p Pos) string {
	end := min(p.Col-1+p.Len, len(line))
	n := 1
	if end > p.Col-1 {
		n = max(1, utf8.RuneCountInString(line[p.Col-1:end]))
	}
	return "^" + strings.Repeat("~", n-1)
}
