package conform

import (
	"embed"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Some public programs have a run_sim.sh with arguments instead of commands that
// stand alone, print what they expect beside what they got without comparing, or
// remove files at the end that only the vendor's tools leave. A recipe supplies
// what is missing. It names no program but goes by what the folder holds, so that
// a fork or another version is run in the same way.

// recipe says how to run one run_sim.sh.
type recipe struct {
	args  []string
	leave []string // files to make before the run, since the script removes them
	check string   // file of checks/ that holds memory against numpy after each run
}

// checks are run inside host programs that compare nothing themselves, by way of
// WAFER_AT_STOP.
//
//go:embed checks/*.py
var checks embed.FS

// recipeFor reads a run_sim.sh: scripts with a configuration file need no
// arguments, the others take the edge of the grid, the sizes, and, where they
// use a fourth for group numbers, the number of groups.
func recipeFor(dir, text string) recipe {
	var r recipe
	for _, kind := range []string{"decode", "prefill"} {
		if _, err := os.Stat(filepath.Join(dir, "src", kind+".csl")); err == nil {
			if _, err := checks.ReadFile("checks/" + kind + ".py"); err == nil {
				r.check = kind + ".py"
			}
		}
	}
	switch {
	case strings.Contains(text, "CONFIG"):
	case strings.Contains(text, "pe_num_group"):
		r.args = []string{"8", "64", "64", "2"}
	default:
		r.args = []string{"4", "32", "32", "32"}
	}
	for _, m := range removed.FindAllStringSubmatch(text, -1) {
		r.leave = append(r.leave, strings.ReplaceAll(m[1], "*", "0"))
	}
	return r
}

var removed = regexp.MustCompile(`(?m)^rm ([\w.*-]+)\s*$`)

// archOf guesses the machine of a run_sim.sh by its folder: …/WSE-3.
func archOf(dir string) string {
	if strings.Contains(strings.ToLower(strings.ReplaceAll(filepath.Base(dir), "-", "")), "wse3") {
		return "wse3"
	}
	return "wse2"
}

// expand fills in what the scripts of SDK 2.10's SdkLayout examples were published
// without: their only command is a placeholder of the vendor's test system, which
// bash takes for job control. Their READMEs run run.py.
func expand(text []byte) []byte {
	return placeholder.ReplaceAll(text, []byte("cs_python run.py"))
}

var placeholder = regexp.MustCompile(`(?m)^%python_sdk_paint\b`)

// Tolerance is how far a printed result may be from what is expected, relative to
// the largest expected number: sums of f16 products in another order differ.
const Tolerance = 0.02

var sections = regexp.MustCompile(`(?is)expected result:?\s*\n(.*?)\n[^\n]*(?:actual|simulated) result:?\s*\n((?:[\s\[\]0-9.e+,-]|nan|inf)*)`)

// compare holds the numbers that a program printed as expected against those that
// it printed as its result. found is false when it printed no such pair.
func compare(output string) (found bool, err error) {
	m := sections.FindStringSubmatch(output)
	if m == nil {
		return false, nil
	}
	want, got := numbers(m[1]), numbers(m[2])
	if len(want) == 0 || len(got) == 0 || len(got)%len(want) != 0 {
		return true, fmt.Errorf("%d numbers expected and %d printed", len(want), len(got))
	}
	// A result that every row or column of cores holds is printed once for each.
	rows := len(got) / len(want)
	err = differ(repeat(want, rows), got)
	if err != nil && rows > 1 && len(want)%rows == 0 && differ(spread(want, rows), got) == nil {
		err = nil
	}
	return true, err
}

// repeat gives n copies of w, one after the other.
func repeat(w []float64, n int) []float64 { return slices.Repeat(w, n) }

// spread cuts w into n parts and gives n copies of each: rows of cores that hold
// one part each.
func spread(w []float64, n int) (out []float64) {
	part := len(w) / n
	for i := range n {
		out = append(out, slices.Repeat(w[i*part:(i+1)*part], n)...)
	}
	return out
}

func differ(want, got []float64) error {
	top := 0.0
	for _, v := range want {
		top = math.Max(top, math.Abs(v))
	}
	for i := range want {
		if d := math.Abs(want[i] - got[i]); !(d <= Tolerance*top) {
			return fmt.Errorf("result %g where %g is expected", got[i], want[i])
		}
	}
	return nil
}

var number = regexp.MustCompile(`nan|inf|-?[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?`)

func numbers(s string) (out []float64) {
	for _, w := range number.FindAllString(s, -1) {
		if v, err := strconv.ParseFloat(w, 64); err == nil {
			out = append(out, v)
		}
	}
	return out
}
