package gguf

import (
	"fmt"

	"wafer/internal/diag"
)

// The mistakes a GGUF file can hold.
const (
	codeNotGGUF   diag.Code = "M1001" // another kind of file
	codeVersion   diag.Code = "M1002" // a version or byte order that is not read
	codeTruncated diag.Code = "M1003" // the file ends too early
	codeLimit     diag.Code = "M1004" // a size beyond a named limit
	codeMalformed diag.Code = "M1005" // a value that contradicts the format
	codeType      diag.Code = "M1006" // a tensor type that is not known
	codeExtent    diag.Code = "M1007" // tensor data outside the file
	codeSplit     diag.Code = "M1008" // parts of a split set missing or mixed
)

// The limits. Each is far above what published models need and far below what
// would hurt the reader.
const (
	maxKeys         = 1 << 16
	maxTensors      = 1 << 18
	maxNameBytes    = 1 << 16 // the format's own limit for keys
	maxStringBytes  = 16 << 20
	maxArray        = 1 << 24
	maxArrayDepth   = 4
	maxDims         = 4
	maxElements     = 1 << 40
	maxAlign        = 1 << 20
	maxSplit        = 1024
	defaultAlign    = 32
	cureDownload    = "download the file again and compare its sha256 with the published one"
	cureNotOurs     = "convert the model again with a current converter, or report the file to whoever published it"
	cureWrongFormat = "give a .gguf file, or a directory with config.json and *.safetensors"
)

func mistake(file string, code diag.Code, cure, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Pos: diag.Pos{File: file}, Message: fmt.Sprintf(format, args...), Cure: cure}
}

func notGGUF(file, why string) diag.Diagnostic {
	return mistake(file, codeNotGGUF, cureWrongFormat, "this is not a GGUF model: %s", why)
}
