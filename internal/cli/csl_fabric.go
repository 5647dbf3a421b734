package cli

import (
	"fmt"

	"wafer/internal/diag"
	"wafer/internal/image"
)

// What memcpy needs around the program rectangle: three columns west of it and
// the column at the fabric's edge, three east of it, a row above and one below,
// and the buffers. Source: SDK documentation, fabric dimensions with memcpy.
const (
	memcpyWest  = 4
	memcpyNorth = 1
	memcpyCols  = 7
	memcpyRows  = 2
)

// CodeFabric marks a fabric that cannot hold the program.
const CodeFabric diag.Code = "X0001"

// checkFabric holds the fabric's size against the rectangle, as cslc does: the
// message names the least size, which users copy into their scripts.
func checkFabric(im *image.Image, b *buildFlags, list *diag.List) {
	pos := diag.Pos{File: b.File}
	w, h, x, y := im.Rect.W, im.Rect.H, im.Rect.X, im.Rect.Y
	needX, needY := x+w, y+h
	if b.Memcpy {
		needX, needY = w+memcpyCols+b.WestBuf+b.EastBuf, h+memcpyRows
		if want := memcpyWest + b.WestBuf; b.offsetsGiven && (x < want || y < memcpyNorth) {
			list.Add(diag.Diagnostic{
				Code: CodeFabric, Pos: pos,
				Message: fmt.Sprintf("with --memcpy the program rectangle cannot begin at %d,%d", x, y),
				Cure:    fmt.Sprintf("--fabric-offsets=%d,%d", want, memcpyNorth),
			})
		}
		needX, needY = max(needX, x+w+memcpyCols-memcpyWest+b.EastBuf), max(needY, y+h+memcpyRows-memcpyNorth)
	}
	if b.dimsGiven && (b.FabricW < needX || b.FabricH < needY) {
		list.Add(diag.Diagnostic{
			Code: CodeFabric, Pos: pos,
			Message: fmt.Sprintf("a fabric of %dx%d cores is too small for a program of %dx%d: the least size is %dx%d",
				b.FabricW, b.FabricH, w, h, needX, needY),
			Cure: fmt.Sprintf("--fabric-dims=%d,%d", needX, needY),
		})
	}
}
