package pull

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// graceful is how long pip may take to end after an interrupt.
const graceful = 5 * time.Second

// Pip fetches through pip, with the user's own configuration of it.
func Pip(ctx context.Context, name, version, dir string, progress func(done, total int64)) error {
	base, err := client()
	if err != nil {
		return err
	}
	err = runPip(ctx, base, name, version, dir, "raw", progress)
	if errors.Is(err, errOldPip) { // before 24.1 there is no progress for programs
		err = runPip(ctx, base, name, version, dir, "off", progress)
	}
	return err
}

// client finds pip as a command or as a module.
func client() ([]string, error) {
	for _, c := range [][]string{{"pip"}, {"pip3"}, {"python3", "-m", "pip"}} {
		if path, err := exec.LookPath(c[0]); err == nil {
			return append([]string{path}, c[1:]...), nil
		}
	}
	return nil, mistake(codeClient, "install Python with pip, or download the file yourself and give its path", "there is no pip, through which models are fetched")
}

var errOldPip = errors.New("pip does not know --progress-bar raw")

func runPip(ctx context.Context, base []string, name, version, dir, bar string, progress func(done, total int64)) error {
	args := append(base[1:len(base):len(base)], "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
		"--disable-pip-version-check", "--no-input", "--progress-bar", bar, "--dest", dir, name+"=="+version)
	cmd := exec.CommandContext(ctx, base[0], args...)
	// An interrupt lets pip remove its temporary files; a kill follows if it hangs.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = graceful
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start pip: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start pip: %w", err)
	}
	follow(out, progress)
	err = cmd.Wait()
	switch text := stderr.String(); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bar == "raw" && strings.Contains(text, "progress-bar"):
		return errOldPip
	default:
		return mistake(codeClient, "check the network and pip's settings, then pull again: what has arrived is kept", "pip could not fetch %s %s: %s", name, version, lastLine(text))
	}
}

// follow reads lines "Progress 1234 of 5678".
func follow(r io.Reader, progress func(done, total int64)) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		var done, total int64
		if n, _ := fmt.Sscanf(s.Text(), "Progress %d of %d", &done, &total); n == 2 {
			progress(done, total)
		}
	}
	// Whatever the scanner did not take must still be read, or pip would block.
	_, _ = io.Copy(io.Discard, r)
}

// lastLine is the last line that says something; pip puts the reason there.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if l := strings.TrimSpace(lines[i]); strings.HasPrefix(l, "ERROR:") {
			return l
		}
	}
	return lines[len(lines)-1]
}
