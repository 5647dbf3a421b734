// Package embedded holds our own small language model, so that the first run
// needs neither network nor download.
//
// In: nothing. Out: the bytes of a GGUF file and a prompt that suits it. The
// model card beside this file (MODEL.md) says what it was trained on and how;
// tools/train makes it again.
package embedded

import (
	_ "embed" // for model.gguf
)

// Limit is the largest size in bytes that the file may have. It is part of
// every binary and of every clone, so it must stay small.
const Limit = 8_000_000

// Name is what the model is called in listings and summaries.
const Name = "wafer-tales"

// DefaultPrompt is an opening that the training texts know well and that the
// model goes on from to a whole story.
const DefaultPrompt = "Once upon a time, in a small house"

//go:embed model.gguf
var file string

// GGUF gives the whole file. The bytes are a fresh copy: what is embedded
// cannot be changed by a caller.
func GGUF() []byte { return []byte(file) }

// Text gives the same bytes as a string without copying them, for readers
// that take an io.ReaderAt (strings.NewReader).
func Text() string { return file }
