// Command testcount reads the events of "go test -json" and prints what a
// person wants to see: a line for each package, the output of what failed, and
// last, alone on its line, how many tests passed, failed and were skipped.
//
// In: events on standard input. Out: text; the exit status is 1 when anything
// failed, also when a package did not build or its tests were killed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of go test -json (go doc test2json), and of go build -json.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

type counter struct {
	out                     io.Writer
	passed, failed, skipped int
	text                    map[string]*strings.Builder // output by package and test
	failedIn                map[string]bool             // packages with a failed test
}

func main() {
	c := counter{out: os.Stdout, text: map[string]*strings.Builder{}, failedIn: map[string]bool{}}
	if err := c.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testcount:", err)
		c.failed++
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", c.passed, c.failed, c.skipped)
	if c.failed > 0 {
		os.Exit(1)
	}
}

func (c *counter) read(r io.Reader) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			c.line(line)
		}
		if err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
	}
}

// line takes one event; what is no event is passed on as text.
func (c *counter) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil || e.Action == "" {
		fmt.Fprintf(c.out, "%s", line)
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		if c.text[key] == nil {
			c.text[key] = &strings.Builder{}
		}
		c.text[key].WriteString(e.Output)
	case "build-output":
		fmt.Fprint(c.out, e.Output)
	case "pass", "fail", "skip":
		c.result(e, key)
	}
}

func (c *counter) result(e event, key string) {
	text := c.text[key]
	delete(c.text, key)
	switch {
	case e.Test != "" && e.Action == "pass":
		c.passed++
	case e.Test != "" && e.Action == "skip":
		c.skipped++
		c.print(e.Package, text)
	case e.Test != "":
		c.failed++
		c.failedIn[e.Package] = true
		c.print(e.Package, text)
	case e.Action == "fail":
		// No test failed, and yet the package did: it did not build, or it
		// was killed, or TestMain gave up. That must not look like success.
		if !c.failedIn[e.Package] {
			c.failed++
			c.print(e.Package, text)
		}
		fmt.Fprintf(c.out, "FAIL  %-50s %6.1fs\n", e.Package, e.Elapsed)
	case e.Action == "pass":
		fmt.Fprintf(c.out, "ok    %-50s %6.1fs\n", e.Package, e.Elapsed)
	}
}

// print shows the output of a test, without the lines go test adds to start it.
func (c *counter) print(pkg string, text *strings.Builder) {
	if text == nil {
		return
	}
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprintf(c.out, "%s: %s", pkg, line)
		}
	}
}
