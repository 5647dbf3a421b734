// Package bundle opens a model with everything that talking to it needs: weights,
// tokenizer and chat template, all from the model's own files.
//
// In: a path, or the name of a model that was pulled. Out: a Bundle. The format
// of the files (GGUF, or safetensors with its JSON files) does not show any more.
package bundle

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"wafer/internal/diag"
	"wafer/internal/llm/gguf"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/pull"
	"wafer/internal/llm/template"
	"wafer/internal/llm/tokenize"
)

// The mistakes in what is asked for.
const (
	codeModel  diag.Code = "M1801" // a model that is neither a file nor known
	codeNoChat diag.Code = "M1802" // a model without a chat template
	codeFile   diag.Code = "M1803" // a file of the model missing or too large
)

// maxJSON bounds the JSON files beside safetensors weights; the largest
// published tokenizer.json has 33 MB.
const maxJSON = 256 << 20

// Bundle is an open model.
type Bundle struct {
	Weights   *graph.Checkpoint
	Tokenizer *tokenize.Tokenizer
	// ChatSource is the source of the chat template, empty for a base model.
	ChatSource string

	chat func() (*template.Template, error) // parses once, when it is needed
}

// Close closes the files of the weights.
func (b *Bundle) Close() error { return b.Weights.Close() }

// Locate turns what a user names a model by into a path: a file or directory,
// or the name of a model of the catalogue that was pulled into dir ("" for the
// user's cache).
func Locate(model, dir string) (string, error) {
	if _, err := os.Stat(model); err == nil {
		return model, nil
	}
	m, err := pull.Find(model)
	switch {
	case err != nil && (strings.ContainsAny(model, `/\`) || strings.HasSuffix(model, ".gguf")):
		return "", diag.Diagnostic{Code: codeModel, Pos: diag.Pos{File: model}, Message: "there is no such file", Cure: "check the path"}
	case err != nil:
		var d diag.Diagnostic
		errors.As(err, &d)
		return "", diag.Diagnostic{Code: codeModel, Message: "there is no file and no known model called " + model, Cure: d.Cure}
	}
	if dir == "" {
		if dir, err = pull.Dir(); err != nil {
			return "", err
		}
	}
	path, ok := pull.Stored(m, dir)
	if !ok {
		return "", diag.Diagnostic{Code: codeModel, Message: m.Name + " has not been fetched yet", Cure: "run: wafer model pull " + m.Name}
	}
	return path, nil
}

// Open opens a model from a path.
func Open(path string) (*Bundle, error) {
	c, err := graph.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := finish(c, path)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return b, nil
}

// FromGGUF opens a model whose file is open already, as the embedded one is.
func FromGGUF(f *gguf.File) (*Bundle, error) {
	c, err := graph.FromFile(f)
	if err != nil {
		return nil, err
	}
	return finish(c, f.Name)
}

func finish(c *graph.Checkpoint, path string) (*Bundle, error) {
	b := &Bundle{Weights: c}
	var err error
	if c.GGUF != nil {
		b.Tokenizer, err = tokenize.FromGGUF(c.GGUF)
		b.ChatSource, _ = c.GGUF.Str("tokenizer.chat_template")
	} else {
		err = b.readJSON(path)
	}
	if err != nil {
		return nil, err
	}
	if b.Tokenizer.Size() > c.Model.Vocab {
		return nil, diag.Diagnostic{Code: codeFile, Pos: diag.Pos{File: path}, Message: "the tokenizer has more tokens than the embedding has rows", Cure: "use tokenizer and weights of the same model"}
	}
	b.chat = sync.OnceValues(func() (*template.Template, error) { return template.Parse(b.ChatSource, c.Path) })
	return b, nil
}

// readJSON reads the files that lie beside safetensors weights.
func (b *Bundle) readJSON(path string) error {
	dir := path
	if st, err := os.Stat(path); err == nil && !st.IsDir() {
		dir = filepath.Dir(path)
	}
	tok, err := small(filepath.Join(dir, "tokenizer.json"))
	if err != nil {
		return err
	}
	config, err := small(filepath.Join(dir, "tokenizer_config.json"))
	if err != nil && !missing(err) {
		return err
	}
	if b.Tokenizer, err = tokenize.FromHF(tok, config, filepath.Join(dir, "tokenizer.json")); err != nil {
		return err
	}
	if own, err := small(filepath.Join(dir, "chat_template.jinja")); err == nil {
		b.ChatSource = string(own)
		return nil
	}
	b.ChatSource = configTemplate(config)
	return nil
}

// configTemplate reads chat_template: a text, or a list of named ones.
func configTemplate(config []byte) string {
	var one struct {
		Chat string `json:"chat_template"`
	}
	if json.Unmarshal(config, &one) == nil {
		return one.Chat
	}
	var many struct {
		Chat []struct{ Name, Template string } `json:"chat_template"`
	}
	_ = json.Unmarshal(config, &many) // anything else is no template
	for _, c := range many.Chat {
		if c.Name == "default" {
			return c.Template
		}
	}
	return ""
}

func small(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, diag.Diagnostic{Code: codeFile, Pos: diag.Pos{File: path}, Message: "the file is missing", Cure: "download the whole directory of the model"}
	}
	if st.Size() > maxJSON {
		return nil, diag.Diagnostic{Code: codeFile, Pos: diag.Pos{File: path}, Message: "the file is larger than any tokenizer", Cure: "download the directory of the model again"}
	}
	return os.ReadFile(path)
}

func missing(err error) bool {
	var d diag.Diagnostic
	return errors.As(err, &d) && d.Message == "the file is missing"
}

// Prompt renders a conversation and gives its tokens. The control tokens that the
// template writes are read as such; those that users or tools spell out are not,
// so that nobody can forge a turn.
func (b *Bundle) Prompt(in template.Input) (text string, ids []tokenize.ID, err error) {
	if b.ChatSource == "" {
		return "", nil, diag.Diagnostic{Code: codeNoChat, Message: b.Weights.Model.Name + " has no chat template, as base models do not", Cure: "give a plain prompt instead of messages"}
	}
	chat, err := b.chat()
	if err != nil {
		return "", nil, err
	}
	in.Guard = b.Tokenizer.Disarm
	in.BOS, in.EOS = b.Tokenizer.Written(b.Tokenizer.BOS()), b.Tokenizer.Written(b.Tokenizer.EOS())
	if text, err = chat.Render(in); err != nil {
		return "", nil, err
	}
	ids = b.Tokenizer.Encode(text, tokenize.Options{AddSpecial: true, ParseSpecial: true})
	// A template that writes the begin token itself must not give it twice.
	if bos := b.Tokenizer.BOS(); len(ids) > 1 && bos != tokenize.None && ids[0] == bos && ids[1] == bos {
		ids = ids[1:]
	}
	return tokenize.Rearm(text), ids, nil
}
