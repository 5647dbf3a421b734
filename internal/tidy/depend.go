package tidy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Modules reads the module paths of the require lines of a go.mod file.
func Modules(gomod string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+/\S+) v\S+`).FindAllStringSubmatch(gomod, -1) {
		out = append(out, m[1])
	}
	return out
}

// Dependencies finds imports of modules that docs/dependencies.md does not list.
// A line there begins with the module's path in backquotes.
func Dependencies(sources []*Source, modules []string, doc string) []Finding {
	var out []Finding
	seen := map[string]bool{}
	for _, s := range sources {
		for _, spec := range s.AST.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			i := slices.IndexFunc(modules, func(m string) bool { return name == m || strings.HasPrefix(name, m+"/") })
			if i < 0 || seen[modules[i]] || strings.Contains(doc, "\n| `"+modules[i]+"` |") {
				continue
			}
			seen[modules[i]] = true
			out = append(out, s.finding(spec.Pos(), "depend", "module %s is not in docs/dependencies.md: say what for, its licence, and what would replace it", modules[i]))
		}
	}
	return out
}
