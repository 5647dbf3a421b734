package intact

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// What fails half way leaves the old file, and nothing beside it.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, s := range []string{"first", "second"} {
		if err := File(path, text(s)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != s {
			t.Fatalf("%q, %v instead of %q", got, err, s)
		}
	}
	broken := errors.New("broken")
	err := File(path, func(w io.Writer) error { return errors.Join(text("thi")(w), broken) })
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "second" {
		t.Errorf("%q after a failure", got)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("files %v", all)
	}
	if err := File(filepath.Join(dir, "no", "a"), text("x")); err == nil {
		t.Error("a file in a directory that does not exist")
	}
}
