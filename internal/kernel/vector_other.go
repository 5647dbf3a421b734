//go:build !amd64

package kernel

import "wafer/internal/check"

// No assembly here: every operation takes the loops of generic.go.
const hasAVX2 = false

func hasAsm(op) bool { return false }

func vector2(_ op, _, _ int, _, _, _ []uint16, _, _ bool) { check.Never("kernel: no assembly") }

func vector3(_ op, _, _ int, _, _, _, _ []uint16, _, _, _ bool) { check.Never("kernel: no assembly") }

func convertVector(_ op, _, _ int, _, _ []uint16, _ bool) { check.Never("kernel: no assembly") }

func foldFmaS(acc uint32, _, _ []uint16) uint32 {
	check.Never("kernel: no assembly")
	return acc
}
