//go:build !amd64

package kernel

import "wafer/internal/check"

func foldBlockAsm(*[BlockLanes]float32, []uint16, []float32, Folded) bool { return false }

func roundHalfAVX2(*float32, int) { check.Never("kernel: no assembly") }
