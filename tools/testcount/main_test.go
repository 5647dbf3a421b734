package main

import (
	"strings"
	"testing"
)

func TestCounts(t *testing.T) {
	var out strings.Builder
	c := counter{out: &out, text: map[string]*strings.Builder{}, failedIn: map[string]bool{}}
	err := c.read(strings.NewReader(`{"Action":"start","Package":"a"}
{"Action":"pass","Package":"a","Test":"TestA"}
{"Action":"output","Package":"a","Test":"TestB","Output":"=== RUN TestB\n"}
{"Action":"output","Package":"a","Test":"TestB","Output":"b_test.go:3: wrong\n"}
{"Action":"fail","Package":"a","Test":"TestB"}
{"Action":"output","Package":"a","Test":"TestC","Output":"c_test.go:3: no GPU\n"}
{"Action":"skip","Package":"a","Test":"TestC"}
{"Action":"fail","Package":"a","Elapsed":1.5}
{"Action":"pass","Package":"b","Elapsed":0.5}
{"ImportPath":"d","Action":"build-output","Output":"d.go:1: syntax error\n"}
{"Action":"fail","Package":"d","FailedBuild":"d"}
go: some text
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.passed != 1 || c.failed != 2 || c.skipped != 1 {
		t.Errorf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
	}
	for _, want := range []string{"a: b_test.go:3: wrong\n", "a: c_test.go:3: no GPU", "d.go:1: syntax error", "FAIL  a ", "FAIL  d ", "ok    b ", "go: some text"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
