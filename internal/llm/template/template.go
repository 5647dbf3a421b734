// Package template renders chat templates: the small Jinja programs that model
// files carry to turn a list of messages into a prompt.
//
// In: the source of a template, and messages and tools as JSON. Out: the prompt.
//
// It is an own implementation of the part of Jinja 2 that published templates
// use, with the settings and additions of the transformers library (trim_blocks,
// lstrip_blocks, loop controls, raise_exception, strftime_now, tojson without
// HTML escapes). A general engine was tried first and set aside: it loses the
// order of JSON keys, so tool lists come out with other bytes, escapes tojson
// for HTML, and lets a template from a model file read other files. Here a
// template can reach nothing but its input, and every loop, depth and output is
// limited.
//
// Steps: lex.go cuts the source into tokens and resolves whitespace control;
// parse.go and expr.go turn them into closures; value.go, filters.go, tests.go
// and methods.go hold the language's run-time.
package template

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"wafer/internal/diag"
)

// The mistakes a template can make.
const (
	codeSyntax diag.Code = "M1701" // the template cannot be parsed
	codeName   diag.Code = "M1702" // a filter, test or method that is not known
	codeValue  diag.Code = "M1703" // an operation that its values do not allow
	codeRaised diag.Code = "M1704" // the template itself refused the messages
	codeLimit  diag.Code = "M1705" // a limit was passed
)

// The limits of a template.
const (
	maxSource = 1 << 20
	maxDepth  = 200     // of nested expressions, blocks and macro calls
	maxSteps  = 1 << 18 // loop turns of one rendering
	maxOutput = 64 << 20
	maxRange  = 1 << 16
)

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	file string
	body []stmt
}

// Input is what a template may use.
type Input struct {
	Messages json.RawMessage // a list of {"role": …, "content": …}
	Tools    json.RawMessage // a list of function descriptions; may be absent
	// AddGenerationPrompt ends the prompt with the start of the model's turn.
	AddGenerationPrompt bool
	BOS, EOS            string // how the model writes these tokens
	// Guard, if set, is applied to every text of messages from users and tools.
	Guard func(text string) string
	Now   time.Time // for strftime_now
	// Extra holds further variables, such as enable_thinking.
	Extra map[string]json.RawMessage
}

// failure carries a diagnostic up through the closures; it never leaves the
// package.
type failure struct{ d diag.Diagnostic }

func fail(code diag.Code, at int, cure, format string, args ...any) {
	panic(failure{diag.Diagnostic{Code: code, Pos: diag.Pos{Line: at}, Message: fmt.Sprintf(format, args...), Cure: cure}})
}

// catch turns a failure into an error; any other panic goes on.
func catch(file string, err *error) {
	switch r := recover().(type) {
	case nil:
	case failure:
		r.d.Pos.File = file
		*err = r.d
	default:
		panic(r)
	}
}

// Parse reads the source of a template; file is for messages.
func Parse(source, file string) (t *Template, err error) {
	defer catch(file, &err)
	if len(source) > maxSource {
		fail(codeLimit, 0, "use the template of the model's authors", "the chat template has %d bytes, more than the limit of %d", len(source), maxSource)
	}
	p := &parser{toks: lex(source)}
	body := p.block()
	if t := p.peek(); t.kind != tokEOF {
		fail(codeSyntax, t.line, "", "%s stands here without what it belongs to", t)
	}
	return &Template{file: file, body: body}, nil
}

// Render gives the prompt.
func (t *Template) Render(in Input) (out string, err error) {
	defer catch(t.file, &err)
	e := &env{vars: map[string]any{}, run: &run{now: in.Now}}
	e.vars["messages"] = guardMessages(decode("messages", in.Messages), in.Guard)
	e.vars["tools"] = decode("tools", in.Tools)
	for k, v := range in.Extra {
		e.vars[k] = decode(k, v)
	}
	e.vars["add_generation_prompt"] = in.AddGenerationPrompt
	e.vars["bos_token"], e.vars["eos_token"] = in.BOS, in.EOS
	globals(e)
	e.out = &strings.Builder{}
	exec(e, t.body)
	return e.out.String(), nil
}

// guardMessages applies the guard where text comes from outside: the roles user
// and tool. System and assistant messages are the operator's and the model's own.
func guardMessages(v any, guard func(string) string) any {
	l, ok := v.(*list)
	if !ok || guard == nil {
		return v
	}
	for _, m := range l.items {
		if d, ok := m.(*dict); ok && (equal(index(d, "role", 0), "user") || equal(index(d, "role", 0), "tool")) {
			for _, k := range d.keys {
				d.values[k] = guardText(d.values[k], guard)
			}
		}
	}
	return v
}

func guardText(v any, guard func(string) string) any {
	switch v := v.(type) {
	case string:
		return guard(v)
	case *list:
		for i := range v.items {
			v.items[i] = guardText(v.items[i], guard)
		}
	case *dict:
		for _, k := range v.keys {
			v.values[k] = guardText(v.values[k], guard)
		}
	}
	return v
}

// run is what one rendering shares.
type run struct {
	now   time.Time
	steps int
	depth int
}

// env is a scope: variables, the scope around it, and where output goes.
type env struct {
	vars   map[string]any
	parent *env
	out    *strings.Builder
	run    *run
}

func (e *env) inner() *env {
	return &env{vars: map[string]any{}, parent: e, out: e.out, run: e.run}
}

func (e *env) lookup(name string) any {
	for s := e; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return undefined{name}
}

func (e *env) write(s string, line int) {
	if e.out.Len()+len(s) > maxOutput {
		fail(codeLimit, line, "shorten the messages", "the prompt is longer than the limit of %d bytes", maxOutput)
	}
	e.out.WriteString(s)
}

func (e *env) step(line int) {
	if e.run.steps++; e.run.steps > maxSteps {
		fail(codeLimit, line, "shorten the messages", "the template takes more than %d loop turns", maxSteps)
	}
}

// deeper counts nesting while f runs.
func (e *env) deeper(line int, f func()) {
	if e.run.depth++; e.run.depth > maxDepth {
		fail(codeLimit, line, "", "macros call each other deeper than %d", maxDepth)
	}
	f()
	e.run.depth--
}
