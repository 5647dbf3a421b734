package file

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("deal.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("deal.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func generic(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every built-in deal passes the schema, as read by a validator that is not ours.
func TestSchemaAcceptsTheLibrary(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob("../library/deals/*.yaml")
	if err != nil || len(files) < 17 {
		t.Fatalf("%d deals, %v", len(files), err)
	}
	for _, name := range append(files, "testdata/base.yaml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(generic(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	base := sound(t)
	for _, m := range []mistake{
		{"misspelt key", "in_service: 2026-07-01", "in_servce: 2026-07-01"},
		{"unknown word", "binding: full", "binding: maybe"},
		{"missing title", "title: A sound deal that the tests break\n", ""},
		{"unknown condition", "loan_funded: {loan: wc}", "loan_given: {loan: wc}"},
	} {
		if s.Validate(generic(t, bytes.Replace([]byte(base), []byte(m.from), []byte(m.to), 1))) == nil {
			t.Errorf("%s passes the schema", m.name)
		}
	}
}

// The published copy is the one that the program prints.
func TestPublishedSchema(t *testing.T) {
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(Schema()); err != nil {
		t.Fatal(err)
	}
	const name = "../../../docs/spec/deal-1.schema.json"
	if *update {
		if err := os.WriteFile(name, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/spec/deal-1.schema.json is not what wafer deal schema prints (%v): go test ./internal/deal/file -update", err)
	}
}
