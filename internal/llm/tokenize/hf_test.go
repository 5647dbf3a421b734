package tokenize

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wafer/internal/diag"
)

// The tokenizers in testdata were trained by testdata/hf.py, which also recorded
// what the tokenizers library (PyPI, 0.2x) makes of some texts.
func TestFromHFAgainstItsOwnLibrary(t *testing.T) {
	for _, name := range []string{"llama3", "digits", "metaspace"} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/hf-" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var c struct {
				Tokenizer json.RawMessage
				Cases     []struct {
					Text string
					IDs  []ID
				}
			}
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			tok, err := FromHF(c.Tokenizer, nil, "tokenizer.json")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range c.Cases {
				got := tok.Encode(x.Text, Options{AddSpecial: true, ParseSpecial: true})
				if d := cmp.Diff(x.IDs, got, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("%q (-library +ours):\n%s", x.Text, d)
				}
				if got := tok.Decode(tok.Encode(x.Text, Options{})); got != x.Text {
					t.Errorf("%q came back as %q", x.Text, got)
				}
			}
		})
	}
}

func TestFromHFConfig(t *testing.T) {
	const file = `{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel"},"added_tokens":[{"id":5,"content":"<s>","special":true},{"id":6,"content":"</s>","special":true}]}`
	tok, err := FromHF([]byte(file), []byte(`{"bos_token":"<s>","eos_token":{"content":"</s>"},"add_bos_token":true}`), "t")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]ID{5, 2, 0}, tok.Encode("aba", Options{AddSpecial: true})); d != "" {
		t.Error(d)
	}
	if tok.EOS() != 6 || !tok.IsEnd(6) || tok.Size() != 7 || tok.Kind(3) != Unused {
		t.Errorf("eos %d, size %d, kind of a gap %d", tok.EOS(), tok.Size(), tok.Kind(3))
	}
}

func TestFromHFRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		code diag.Code
	}{
		"no JSON":    {`{`, codeVocab},
		"algorithm":  {`{"model":{"type":"Unigram"}}`, codeModel},
		"step":       {`{"model":{"vocab":{"a":0}},"pre_tokenizer":{"type":"Whitespace"}}`, codePre},
		"behaviour":  {`{"model":{"vocab":{"a":0}},"pre_tokenizer":{"type":"Split","behavior":"MergedWithPrevious","pattern":{"Regex":"x"}}}`, codePre},
		"expression": {`{"model":{"vocab":{"a":0},"merges":["a a"]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","behavior":"Isolated","pattern":{"Regex":"("}},{"type":"ByteLevel","use_regex":false}]}}`, codePre},
		"huge id":    {`{"model":{"vocab":{"a":99999999}}}`, codeVocab},
		"below zero": {`{"model":{"vocab":{"a":-1}}}`, codeVocab},
		"merge":      {`{"model":{"vocab":{"a":0},"merges":[["a"]]}}`, codeVocab},
	} {
		_, err := FromHF([]byte(c.file), nil, "tokenizer.json")
		var d diag.Diagnostic
		if !errors.As(err, &d) || d.Code != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

func FuzzFromHF(f *testing.F) {
	for _, name := range []string{"llama3", "metaspace"} {
		raw, err := os.ReadFile("testdata/hf-" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		var c struct{ Tokenizer json.RawMessage }
		if err := json.Unmarshal(raw, &c); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(c.Tokenizer), "the mill 12")
	}
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel"}}`), "ab")
	f.Fuzz(func(t *testing.T, file []byte, text string) {
		tok, err := FromHF(file, file, "tokenizer.json")
		var d diag.Diagnostic
		if err != nil {
			if !errors.As(err, &d) {
				t.Fatalf("not a diagnostic: %v", err)
			}
			return
		}
		tok.Decode(tok.Encode(text, Options{AddSpecial: true, ParseSpecial: true}))
	})
}
