// Package conform runs the example programs of a checkout as their scripts say,
// with our tools in place of the vendor's, and tells which pass.
//
// In: a folder with programs, each with a commands_wse2.sh or commands_wse3.sh,
// and a folder with our tools. Out: one Result for each script. The checkout is
// not touched: a script runs in a scratch copy of its folder, with a time limit.
package conform

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Options say what to run and how.
type Options struct {
	Dir     string        // the checkout
	Tools   string        // folder with cslc and cs_python; goes first on the PATH
	Only    string        // regular expression on "program arch"; empty for all
	Arch    string        // "wse2", "wse3" or empty for both
	Limit   time.Duration // for each script; 0 means DefaultLimit
	Jobs    int           // scripts at a time; 0 means 1
	Keep    string        // folder that keeps the scratch copies and logs; empty for none
	Started func(Script)  // called before a script runs; may be nil
	Ended   func(Result)  // called after it, in the order of the list; may be nil
}

// DefaultLimit is far above what any example needs.
const DefaultLimit = 5 * time.Minute

// Script is one script of one program.
type Script struct {
	Program string `json:"program"`
	Arch    string `json:"arch"`
	dir     string
	file    string
	recipe  *recipe // for a run_sim.sh
}

// Result is what became of a script.
type Result struct {
	Script
	Pass    bool    `json:"pass"`
	Reason  string  `json:"reason,omitempty"` // first line that says why it failed
	Cycles  int64   `json:"cycles"`           // simulated, all runs of the script together
	Seconds float64 `json:"seconds"`
	Log     string  `json:"log,omitempty"` // where the whole output is, with Keep
}

var scriptName = regexp.MustCompile(`^commands_?(wse[23])?\.sh$`)

// Find lists the scripts below a folder, by path.
func Find(opt Options) ([]Script, error) {
	only, err := regexp.Compile(opt.Only)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", opt.Only, err)
	}
	var out []Script
	err = filepath.WalkDir(opt.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		s, ok, err := scriptAt(opt.Dir, path, d)
		if err != nil || !ok {
			return err
		}
		if (opt.Arch == "" || opt.Arch == s.Arch) && only.MatchString(s.Program+" "+s.Arch) {
			out = append(out, s)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for scripts in %s: %w", opt.Dir, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no commands_wse2.sh or commands_wse3.sh that fits", opt.Dir)
	}
	return out, nil
}

// scriptAt reads a directory entry as a script, if it is one.
func scriptAt(root, path string, d fs.DirEntry) (s Script, ok bool, err error) {
	m := scriptName.FindStringSubmatch(d.Name())
	sim := d.Name() == "run_sim.sh"
	if d.IsDir() || m == nil && !sim {
		return s, false, nil
	}
	dir := filepath.Dir(path)
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return s, false, err
	}
	s = Script{Program: filepath.ToSlash(rel), Arch: archOf(dir), dir: dir, file: d.Name()}
	if !sim {
		// The oldest examples have one script, for the machine of their day.
		s.Arch = cmp.Or(m[1], "wse2")
		return s, true, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return s, false, err
	}
	r := recipeFor(dir, string(text))
	s.recipe = &r
	return s, true, nil
}

// Run runs the scripts. The results have the order of the scripts; ctx stops.
func Run(ctx context.Context, scripts []Script, opt Options) []Result {
	if opt.Limit == 0 {
		opt.Limit = DefaultLimit
	}
	results := make([]chan Result, len(scripts))
	slots := make(chan struct{}, max(1, opt.Jobs))
	for i := range scripts {
		results[i] = make(chan Result, 1)
	}
	go func() {
		for i, s := range scripts {
			slots <- struct{}{}
			go func() {
				if opt.Started != nil && ctx.Err() == nil {
					opt.Started(s)
				}
				results[i] <- one(ctx, s, opt)
				<-slots
			}()
		}
	}()
	out := make([]Result, len(scripts))
	for i := range out {
		out[i] = <-results[i]
		if opt.Ended != nil {
			opt.Ended(out[i])
		}
	}
	return out
}

func one(ctx context.Context, s Script, opt Options) Result {
	r := Result{Script: s}
	if ctx.Err() != nil {
		r.Reason = "interrupted"
		return r
	}
	scratch, log, err := prepare(s, opt)
	if err != nil {
		r.Reason = err.Error()
		return r
	}
	if opt.Keep == "" {
		defer os.RemoveAll(scratch)
	} else {
		r.Log = log
	}
	begin := time.Now()
	output, err := execute(ctx, s, scratch, opt)
	r.Seconds = time.Since(begin).Seconds()
	r.Cycles = cycles(filepath.Join(scratch, statsFile))
	if s.recipe != nil && err == nil {
		if _, err = compare(string(output)); err != nil {
			r.Reason = err.Error()
		}
	}
	if e := os.WriteFile(log, output, 0o666); e != nil && err == nil {
		err = e
	}
	r.Pass = err == nil
	if err != nil && r.Reason == "" {
		r.Reason = reason(output, err)
	}
	return r
}

// statsFile is where runs leave one line each, see WAFER_STATS.
const statsFile = "wafer-stats.jsonl"

// prepare copies the program's folder, and those beside it that hold libraries
// and not programs: examples import from them by relative path.
func prepare(s Script, opt Options) (scratch, log string, err error) {
	if opt.Keep != "" {
		scratch = filepath.Join(opt.Keep, strings.ReplaceAll(s.Program, "/", "_")+"_"+s.Arch)
		if err := os.RemoveAll(scratch); err != nil {
			return "", "", err
		}
		if err := os.MkdirAll(scratch, 0o777); err != nil {
			return "", "", err
		}
	} else if scratch, err = os.MkdirTemp("", "wafer-conform-"); err != nil {
		return "", "", err
	}
	if scratch, err = filepath.Abs(scratch); err != nil {
		return "", "", err
	}
	beside := filepath.Dir(s.dir)
	entries, err := os.ReadDir(beside)
	if err != nil {
		return "", "", err
	}
	for _, e := range entries {
		from := filepath.Join(beside, e.Name())
		if !e.IsDir() || from != s.dir && hasScripts(from) || strings.HasPrefix(e.Name(), ".git") {
			continue
		}
		if err := os.CopyFS(filepath.Join(scratch, "w", e.Name()), os.DirFS(from)); err != nil {
			return "", "", fmt.Errorf("copy %s: %w", from, err)
		}
	}
	script := filepath.Join(scratch, "w", filepath.Base(s.dir), s.file)
	text, err := os.ReadFile(script)
	if err == nil && placeholder.Match(text) {
		err = os.WriteFile(script, expand(text), 0o777)
	}
	return scratch, filepath.Join(scratch, "log.txt"), err
}

func hasScripts(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "commands*.sh"))
	return err == nil && len(found) > 0
}

func execute(ctx context.Context, s Script, scratch string, opt Options) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, opt.Limit)
	defer cancel()
	dir := filepath.Join(scratch, "w", filepath.Base(s.dir))
	args := []string{s.file}
	var env []string
	if s.recipe != nil {
		if s.recipe.check != "" {
			text, err := checks.ReadFile("checks/" + s.recipe.check)
			if err != nil {
				return nil, err
			}
			at := filepath.Join(scratch, s.recipe.check)
			if err := os.WriteFile(at, text, 0o666); err != nil {
				return nil, err
			}
			env = append(env, "WAFER_AT_STOP="+at)
		}
		args = append(args, s.recipe.args...)
		for _, name := range s.recipe.leave {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
				return nil, err
			}
		}
	}
	cmd := exec.CommandContext(ctx, "bash", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"PATH="+opt.Tools+string(os.PathListSeparator)+os.Getenv("PATH"),
		"WAFER_STATS="+filepath.Join(scratch, statsFile),
		"PYTHONUNBUFFERED=1",
	)
	cmd.Env = append(cmd.Env, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	ownGroup(cmd) // so that the limit ends the script's children too
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("not done after %s", opt.Limit)
	}
	return out.Bytes(), err
}

// cycles adds up the simulated cycles of all runs of a script.
func cycles(path string) (sum int64) {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var line struct{ Cycles int64 }
		if json.Unmarshal(sc.Bytes(), &line) == nil {
			sum += line.Cycles
		}
	}
	return sum
}

var (
	errorLine  = regexp.MustCompile(`error\[[A-Z][0-9]+\]`)
	pythonLine = regexp.MustCompile(`^[A-Za-z_.]*(Error|Exception|Exit)\b`)
)

// reason picks the line that tells most: a diagnostic of ours, else what Python
// raised, else a panic, else the last line.
func reason(output []byte, err error) string {
	var lines []string
	for _, l := range strings.Split(string(output), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	for _, fits := range []func(string) bool{
		func(l string) bool { return strings.HasPrefix(l, "panic: ") || strings.HasPrefix(l, "fatal error: ") },
		errorLine.MatchString, pythonLine.MatchString,
	} {
		if i := slices.IndexFunc(lines, fits); i >= 0 {
			return shorten(lines[i])
		}
	}
	if strings.HasPrefix(err.Error(), "not done") || len(lines) == 0 {
		return err.Error()
	}
	return shorten(lines[len(lines)-1])
}

// maxReason keeps the table readable; the log has the rest.
const maxReason = 200

func shorten(s string) string {
	if r := []rune(s); len(r) > maxReason {
		return string(r[:maxReason]) + "…"
	}
	return s
}
