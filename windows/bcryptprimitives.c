// The only function of this Windows library that Rust's standard library needs, and that wine 8 lacks.

#include <windows.h>

// RtlGenRandom, of advapi32.
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
  return SystemFunction036(data, (ULONG)size);
}
