using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector
{
    public nint Base;
    public nuint Length;
}
