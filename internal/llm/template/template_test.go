package template

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"wafer/internal/diag"
)

func render(t *testing.T, src string, vars map[string]json.RawMessage) (string, error) {
	t.Helper()
	tmpl, err := Parse(src, "m.gguf")
	if err != nil {
		return "", err
	}
	return tmpl.Render(Input{
		Messages: vars["messages"], Tools: vars["tools"], Extra: vars, AddGenerationPrompt: true,
		BOS: "<s>", EOS: "</s>", Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
	})
}

// testdata/jinja.json holds templates with what Jinja2 3.1 made of them, set up
// as the transformers library sets it up; a null result means that Jinja2
// refused too. testdata/jinja.py wrote it.
func TestAgainstJinja2(t *testing.T) {
	path := "testdata/jinja.json"
	if p := os.Getenv("WAFER_JINJA_CASES"); p != "" {
		path = p // other cases in the same form, such as templates of real models
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Template string
		Vars           map[string]json.RawMessage
		Want           *string
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		name := c.Name
		if name == "" {
			name = c.Template
		}
		t.Run(name, func(t *testing.T) {
			got, err := render(t, c.Template, c.Vars)
			switch {
			case c.Want == nil && err == nil:
				t.Errorf("Jinja2 refuses this, and we gave %q", got)
			case c.Want != nil && err != nil:
				t.Errorf("%v\nwant %q", err, *c.Want)
			case c.Want != nil && got != *c.Want:
				t.Errorf("got  %q\nwant %q", got, *c.Want)
			}
		})
	}
}

func TestMistakesAreTold(t *testing.T) {
	for _, c := range []struct {
		name, src string
		code      diag.Code
		line      int
		text      string
	}{
		{"open tag", "a\n{{ x", codeSyntax, 2, "not closed with }}"},
		{"open block", "{% if x %}\n\n", codeSyntax, 2, "endif"},
		{"open comment", "{# x", codeSyntax, 1, "comment"},
		{"open string", "{{ 'x }}", codeSyntax, 1, "string is not closed"},
		{"stray end", "\n\n{% endif %}", codeSyntax, 3, `"endif" is not understood`},
		{"statement", "{% include 'x' %}", codeSyntax, 1, `"include"`},
		{"filter", "{{ x|frobnicate }}", codeName, 1, `"frobnicate"`},
		{"test", "{{ x is frobnicated }}", codeName, 1, `"frobnicated"`},
		{"break", "{% break %}", codeSyntax, 1, "outside a loop"},
		{"undefined", "a\nb\n{{ x.y }}", codeValue, 3, "x is not defined"},
		{"call", "{{ messages() }}", codeValue, 1, "cannot be called"},
		{"add", "{{ 'a' + 1 }}", codeValue, 1, "a string + a number"},
		{"zero", "{{ 1 // 0 }}", codeValue, 1, "1 // 0"},
		{"raised", "{{ raise_exception('no system role') }}", codeRaised, 1, "no system role"},
		{"range", "{{ range(1000000) }}", codeLimit, 1, "range"},
		{"recursion", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", codeLimit, 1, "deeper"},
		{"loops", "{% for i in range(60000) %}{% for j in range(60000) %}{% endfor %}{% endfor %}", codeLimit, 1, "loop turns"},
		{"nesting", "{{ " + strings.Repeat("(", 500) + " }}", codeLimit, 1, "nests deeper"},
		{"not signs", "{{ " + strings.Repeat("not ", 100000) + "x }}", codeLimit, 1, "nests deeper"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := render(t, c.src, nil)
			var d diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("no diagnostic: %v", err)
			}
			if d.Code != c.code || d.Pos.Line != c.line || !strings.Contains(d.Message, c.text) || d.Pos.File != "m.gguf" {
				t.Errorf("got %v, want %s at line %d with %q", d, c.code, c.line, c.text)
			}
		})
	}
}

func TestBadJSON(t *testing.T) {
	for _, raw := range []string{"{", "[1,", `{"a"}`, "1 2", strings.Repeat("[", 1000)} {
		tmpl, err := Parse("x", "m.gguf")
		if err != nil {
			t.Fatal(err)
		}
		var d diag.Diagnostic
		if _, err := tmpl.Render(Input{Messages: json.RawMessage(raw)}); !errors.As(err, &d) {
			t.Errorf("%.20q: %v", raw, err)
		}
	}
}

// A template cannot reach anything outside its input.
func TestNoWayOut(t *testing.T) {
	for _, src := range []string{
		"{% include '/etc/passwd' %}", "{% import 'x' as y %}", "{% extends 'x' %}",
		"{{ ''.__class__.__mro__ }}", "{{ messages.__init__() }}", "{{ cycler.__init__.__globals__ }}",
	} {
		if out, err := render(t, src, map[string]json.RawMessage{"messages": json.RawMessage("[]")}); err == nil {
			t.Errorf("%s gave %q", src, out)
		}
	}
}

func TestConcurrentRendering(t *testing.T) {
	tmpl, err := Parse("{% filter upper %}{% for m in messages %}{{ m.content }}{% endfor %}{% endfilter %}", "m.gguf")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	for _, s := range []string{"a", "b", "c", "d"} {
		go func() {
			out, _ := tmpl.Render(Input{Messages: json.RawMessage(`[{"content":"` + strings.Repeat(s, 50) + `"}]`)})
			done <- out
		}()
	}
	for range 4 {
		if out := <-done; strings.Trim(out, out[:1]) != "" || len(out) != 50 {
			t.Errorf("mixed: %s", out)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"{% for m in messages %}{{ m['role'] ~ ': ' + m.content | trim }}{% endfor %}",
		"{%- set ns = namespace(a=1) -%}{% set ns.a = ns.a + 1 %}{{ ns.a }}{# c #}",
		"{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) if x is not defined else f(1, b=3) }}",
		"{{ messages | selectattr('role', '==', 'user') | map(attribute='content') | join(', ') }}",
		"{{ messages[::-1][0:1] | tojson(indent=2) }}{% raw %}{{ x }}{% endraw %}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tmpl, err := Parse(src, "m.gguf")
		if err == nil {
			_, err = tmpl.Render(Input{Messages: json.RawMessage(`[{"role":"user","content":"hi"}]`), Now: time.Unix(0, 0).UTC()})
		}
		var d diag.Diagnostic
		if err != nil && !errors.As(err, &d) {
			t.Fatalf("not a diagnostic: %v", err)
		}
	})
}
