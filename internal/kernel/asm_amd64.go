package kernel

// Declarations of kernel_amd64.s. Every loop writes 32 bytes of destination a
// block and advances each source by its own step in bytes; blocks is at least 1.

//go:noescape
func addhAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func subhAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func mulhAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func maxhAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func addsAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func subsAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func mulsAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func maxsAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func addhsAVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func add16AVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func sub16AVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func and16AVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func or16AVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func xor16AVX2(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func addhAVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func subhAVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func mulhAVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func sll16AVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func slr16AVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func sar16AVX512(dst, a, b *uint16, blocks, astep, bstep int)

//go:noescape
func fmahAVX2(dst, a, b, c *uint16, blocks, astep, bstep, cstep int)

//go:noescape
func fmahAVX512(dst, a, b, c *uint16, blocks, astep, bstep, cstep int)

//go:noescape
func fmasAVX2(dst, a, b, c *uint16, blocks, astep, bstep, cstep int)

//go:noescape
func fmahsAVX2(dst, a, b, c *uint16, blocks, astep, bstep, cstep int)

//go:noescape
func h2sAVX2(dst, a *uint16, blocks, astep int)

//go:noescape
func s2hAVX2(dst, a *uint16, blocks, astep int)

// foldFmaSAVX2 is acc + b[0]*c[0] + …, n binary32 elements in order, n ≥ 1.
//
//go:noescape
func foldFmaSAVX2(acc uint32, b, c *uint16, n int) uint32
