package exec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"wafer/internal/intact"
)

// Store keeps timings in a directory, so that each placement is measured once on
// a host. The zero value keeps nothing.
type Store struct {
	Dir string
	// Program is a hash of the running program: another compiler or simulator
	// may measure otherwise.
	Program string
}

// UserStore is the store in the user's cache directory.
func UserStore() (Store, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Store{}, fmt.Errorf("find the user's cache directory: %w", err)
	}
	exe, err := os.Executable()
	if err != nil {
		return Store{}, fmt.Errorf("find the running program: %w", err)
	}
	f, err := os.Open(exe)
	if err != nil {
		return Store{}, fmt.Errorf("hash the running program: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Store{}, fmt.Errorf("hash the running program: %w", err)
	}
	return Store{Dir: filepath.Join(dir, "wafer", "timings"), Program: hex.EncodeToString(h.Sum(nil))[:16]}, nil
}

func (s Store) path(key string) string { return filepath.Join(s.Dir, key+"-"+s.Program+".json") }

// Load finds a timing, nil if there is none that can be read.
func (s Store) Load(key string) *Timing {
	if s.Dir == "" {
		return nil
	}
	text, err := os.ReadFile(s.path(key))
	t := new(Timing)
	if err != nil || json.Unmarshal(text, t) != nil || t.Key != key || !t.sound() {
		return nil
	}
	return t
}

// sound reports whether a timing that was read is one to interpolate in: there are
// points, ascending, all with the same lots.
func (t *Timing) sound() bool {
	sameLots := func(a, b Lot) bool { return a.Tokens == b.Tokens }
	for i, p := range t.Points {
		if i > 0 && (p.Slot <= t.Points[i-1].Slot || !slices.EqualFunc(p.Lots, t.Points[0].Lots, sameLots)) {
			return false
		}
		for j, l := range p.Lots {
			if l.Tokens <= 1 || j > 0 && l.Tokens <= p.Lots[j-1].Tokens {
				return false
			}
		}
	}
	return len(t.Points) > 0
}

// Save keeps a timing. A file under its name is always whole.
func (s Store) Save(t *Timing) error {
	if s.Dir == "" {
		return nil
	}
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write the timing: %w", err)
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return fmt.Errorf("keep the timing: %w", err)
	}
	err = intact.File(s.path(t.Key), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the timing: %w", err)
	}
	return nil
}
