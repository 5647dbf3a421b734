package diag

import (
	"strings"
	"testing"
)

func TestRenderPointsAtTheMistake(t *testing.T) {
	src := func(string) ([]byte, bool) { return []byte("const a = 1;\n\tvar b = cc;\n"), true }
	var l List
	l.Add(Diagnostic{Code: "E0001", Pos: Pos{"a.csl", 2, 10, 2}, Message: "unknown name 'cc'", Cure: "declare it"})
	l.Warnf(Pos{File: "a.csl"}, "W0001", "nothing is exported")
	var b strings.Builder
	if err := Render(&b, l.Sorted(), src); err != nil {
		t.Fatal(err)
	}
	want := "a.csl: warning[W0001]: nothing is exported\n" +
		"a.csl:2:10: error[E0001]: unknown name 'cc'\n" +
		"    2 | \tvar b = cc;\n" +
		"      | \t        ^~\n" +
		"  cure: declare it\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestListBoundsAndCounts(t *testing.T) {
	var l List
	for i := range MaxPerRun + 5 {
		l.Errorf(Pos{"f", i + 1, 1, 0}, "E0002", "x")
	}
	l.Errorf(Pos{"f", 1, 1, 0}, "E0002", "x") // a repetition is not new
	if l.Len() != MaxPerRun || l.Dropped() != 5 || !l.HasErrors() {
		t.Errorf("len %d dropped %d errors %v", l.Len(), l.Dropped(), l.HasErrors())
	}
}

func TestNearest(t *testing.T) {
	words := []string{"input_queue", "output_queue", "fabric_color"}
	for in, want := range map[string]string{"input_quene": "input_queue", "fabric_colour": "fabric_color", "zzz": ""} {
		if got := Nearest(in, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
