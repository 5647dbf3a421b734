package tidy

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// MaxFileBytes is how large a tracked file may be. What is larger is fetched or
// generated when it is needed. Model weights that ship inside the program are
// the exception, listed in largeFiles.
const MaxFileBytes = 1 << 20

// largeFiles are directories whose files may be up to MaxLargeBytes.
func largeFiles() []string { return []string{"internal/llm/embedded/"} }

// MaxLargeBytes limits even those.
const MaxLargeBytes = 16 << 20

// machinePath is a path that exists on one person's machine only.
func machinePath() *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s"'` + "`" + `=(:])(/wo` + `rk/|/ro` + `ot/|/ho` + `me/[a-z]+/|/Us` + `ers/[A-Za-z]+/|C:\\Us` + `ers\\)`)
}

// Files checks every tracked file: its size and what paths its text names.
func Files(root string, files []string) ([]Finding, error) {
	re := machinePath()
	var out []Finding
	for _, name := range files {
		full := filepath.Join(root, filepath.FromSlash(name))
		info, err := os.Lstat(full)
		if err != nil {
			return nil, fmt.Errorf("stat %s: %w", name, err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		limit := int64(MaxFileBytes)
		if slices.ContainsFunc(largeFiles(), func(dir string) bool { return strings.HasPrefix(name, dir) }) {
			limit = MaxLargeBytes
		}
		if info.Size() > limit {
			out = append(out, Finding{name, 0, "files", fmt.Sprintf("%d bytes, limit %d: generate it, or fetch it when it is needed", info.Size(), limit)})
			continue
		}
		text, err := os.ReadFile(full)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		out = append(out, textFindings(name, text, re)...)
	}
	return out, nil
}

func textFindings(name string, text []byte, re *regexp.Regexp) []Finding {
	if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 || path.Ext(name) == ".sum" {
		return nil // binary
	}
	var out []Finding
	for i, line := range bytes.Split(text, []byte("\n")) {
		if m := re.FindSubmatch(line); m != nil {
			out = append(out, Finding{name, i + 1, "files", fmt.Sprintf("%q is a path of one machine", m[2])})
		}
	}
	return out
}

// Density is the share of comment lines of each tree, for the eye; no rule.
type Density struct {
	Tree          string
	Code, Comment int
}

// CommentDensity counts lines outside tests. A line that has both counts as code.
func CommentDensity(sources []*Source) []Density {
	byTree := map[string]*Density{}
	for _, s := range sources {
		if s.IsTest() {
			continue
		}
		name := tree(s.Dir())
		if byTree[name] == nil {
			byTree[name] = &Density{Tree: name}
		}
		d := byTree[name]
		for _, line := range strings.Split(string(s.Text), "\n") {
			switch t := strings.TrimSpace(line); {
			case t == "":
			case strings.HasPrefix(t, "//"):
				d.Comment++
			default:
				d.Code++
			}
		}
	}
	out := make([]Density, 0, len(byTree))
	for _, d := range byTree {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Density) int { return strings.Compare(a.Tree, b.Tree) })
	return out
}
