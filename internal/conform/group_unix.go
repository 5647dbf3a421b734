//go:build unix

package conform

import (
	"os/exec"
	"syscall"
)

// ownGroup gives a script a process group of its own and ends the whole group
// where the context ends the script.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
