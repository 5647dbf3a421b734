package claims

import (
	"embed"
	"io/fs"

	"wafer/internal/check"
	"wafer/internal/diag"
)

//go:embed library/*.yaml
var library embed.FS

// Builtin is the embedded claims: 50 sentences of the press of May 2026 about
// one compute-for-equity deal and its surroundings, in the order of the text.
func Builtin() *File {
	var files []*File
	for _, name := range []string{"hardware", "finance", "contract", "rubin-deepseek", "other"} {
		f, ds := Parse("library/"+name+".yaml", mustRead("library/"+name+".yaml"))
		check.That(len(ds) == 0, "built-in claims: %v", ds)
		files = append(files, f)
	}
	f, ds := Merge("Press claims of May 2026", files...)
	check.That(len(ds) == 0, "built-in claims: %v", ds)
	return f
}

func mustRead(name string) []byte {
	b, err := fs.ReadFile(library, name)
	check.That(err == nil, "built-in claims: %v", err)
	return b
}

// Source gives the text of the built-in files to diag.Render.
func Source(name string) ([]byte, bool) {
	b, err := fs.ReadFile(library, name)
	return b, err == nil
}

var _ diag.Source = Source
