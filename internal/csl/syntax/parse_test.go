package syntax

import (
	"strings"
	"testing"

	"wafer/internal/diag"
)

// Each mistake with its exact place and text: "line:col code message".
var mistakes = []struct{ name, src, want string }{
	{"stray character", "const a = 1 $ 2;", `1:13 E0001 unexpected character "$"`},
	{"open string", "const a = \"abc\n;", "1:11 E0002 string is not closed on its line"},
	{"open character", "const a = 'ab';", "1:11 E0003 character literal is not closed"},
	{"escape", `const a = "\q";`, "1:12 E0004 unknown escape sequence"},
	{"missing semicolon", "const a = 1\nconst b = 2;", "2:1 E0010 expected ';' after the declaration, found 'const'"},
	{"top level", "x = 1;\nconst b = 2;", "1:1 E0011 expected a declaration, found 'x'"},
	{"keyword as name", "const fn = 1;", "1:7 E0012 expected the name of a variable, found 'fn'"},
	{"open block", "fn f() void {\n  var a = 1;\n", "1:13 E0013 this '{' is never closed"},
	{"local param", "fn f() void { param x: i16; }", "1:15 E0014 param is only allowed at top level"},
	{"local function", "fn f() void { fn g() void {} }", "1:15 E0015 functions cannot be declared inside functions"},
	{"chained comparison", "const a = 1 < 2 < 3;", "1:17 E0016 comparisons do not chain"},
	{"field name", "const a = b.3;", "1:13 E0017 expected a field name after '.', found '3'"},
	{"mixed fields", "const a = .{ .x = 1, 2 };", "1:22 E0018 fields with and without names cannot be mixed"},
	{"assembly", "fn f() void { asm (\"nop\"); }", "1:15 E0019 inline assembly is not supported: the instruction set of the machine is not public"},
	{"no expression", "const a = ;", "1:11 E0020 expected an expression, found ';'"},
	{"number", "const a = 0x;", "1:11 E0021 '0x' is not a number"},
	{"letters in number", "const a = 12abc;", "1:11 E0021 '12abc' is not a number"},
	{"parenthesis", "fn f() void { if (a b) { } }", "1:21 E0010 expected ')' to close the parenthesis, found 'b'"},
	{"loop variable", "fn f() void { for (x) i {} }", "1:23 E0010 expected '|' before the loop variable, found 'i'"},
	{"case", "fn f() void { switch (x) { 1 2 } }", "1:30 E0010 expected '=>' before the branch, found '2'"},
	{"end of file", "const a = 1", "1:12 E0010 expected ';' after the declaration, found the end of the file"},
}

func list(ds *diag.List) string {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		b.WriteString(strings.TrimPrefix(d.Pos.String(), "t.csl:") + " " + string(d.Code) + " " + d.Message + "\n")
	}
	return strings.TrimSpace(b.String())
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		var ds diag.List
		Parse("t.csl", []byte(m.src), &ds)
		if got := list(&ds); got != m.want {
			t.Errorf("%s:\n got %s\nwant %s", m.name, got, m.want)
		}
	}
}

// TestSeveralMistakesInOneRun: a mistake loses one statement, not the file.
func TestSeveralMistakesInOneRun(t *testing.T) {
	src := `fn f() void {
  var a = ;
  var b: u16 = 1;
  b = (2;
  return;
}
const c = 1 +;
fn g() void {}
`
	var ds diag.List
	f := Parse("t.csl", []byte(src), &ds)
	want := "2:11 E0020 expected an expression, found ';'\n" +
		"4:9 E0010 expected ')' to close the parenthesis, found ';'\n" +
		"7:14 E0020 expected an expression, found ';'"
	if got := list(&ds); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(f.Decls) != 2 {
		t.Errorf("%d declarations survived, want f and g", len(f.Decls))
	}
}

func TestDeepNestingIsADiagnostic(t *testing.T) {
	for _, open := range []string{"(", "-", "*", "[", "{", "if (a) ", ".{", "&", "comptime "} {
		var ds diag.List
		Parse("t.csl", []byte("fn f() void { var x = "+strings.Repeat(open, 100_000)), &ds)
		if !ds.HasErrors() {
			t.Errorf("%q nested 100,000 times was accepted", open)
		}
	}
}

// TestPrecedence prints trees with all parentheses.
func TestPrecedence(t *testing.T) {
	for src, want := range map[string]string{
		"a + b * c":              "(a + (b * c))",
		"a & 1 == 0":             "((a & 1) == 0)",
		"a << 2 + b":             "(a << (2 + b))",
		"a | b & c":              "((a | b) & c)",
		"!a and b or c":          "(((!a) and b) or c)",
		"-a.b[c](d).*":           "(-a.b[c](d).*)",
		"a == b and c != d":      "((a == b) and (c != d))",
		"@as(u32, hi) << 16 | l": "((@as(u32, hi) << 16) | l)",
	} {
		var ds diag.List
		f := Parse("t.csl", []byte("const x = "+src+";"), &ds)
		if ds.HasErrors() {
			t.Fatalf("%s: %s", src, list(&ds))
		}
		if got := show(f.Decls[0].(*VarDecl).Init); got != want {
			t.Errorf("%s parsed as %s, want %s", src, got, want)
		}
	}
}

func show(e Expr) string {
	switch e := e.(type) {
	case *Ident:
		return e.Name
	case *IntLit:
		return e.Text
	case *Unary:
		return "(" + e.Op.String() + show(e.X) + ")"
	case *Binary:
		return "(" + show(e.X) + " " + e.Op.String() + " " + show(e.Y) + ")"
	case *Field:
		return show(e.X) + "." + e.Name
	case *Index:
		return show(e.X) + "[" + showAll(e.Indices) + "]"
	case *Call:
		return show(e.Fun) + "(" + showAll(e.Args) + ")"
	case *Builtin:
		return "@" + e.Name + "(" + showAll(e.Args) + ")"
	case *Deref:
		return show(e.X) + ".*"
	}
	return "?"
}

func showAll(es []Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = show(e)
	}
	return strings.Join(parts, ", ")
}

// FuzzParse: whatever the bytes, Parse returns and never panics.
func FuzzParse(f *testing.F) {
	for _, m := range mistakes {
		f.Add([]byte(m.src))
	}
	f.Add([]byte("layout { @set_rectangle(1, 1); for (@range(i16, 3)) |x, i| { a[x, i] += 1; } }"))
	f.Add([]byte("const d = @get_dsd(mem1d_dsd, .{ .tensor_access = |i|{4} -> a[2 * i + 1] });"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		var ds diag.List
		Parse("f.csl", text, &ds)
	})
}
