namespace TgtModular.Lio.Tcmu;

/// <summary>The kernel's side of a ring, as far as it is no memory.</summary>
internal interface IDoorbell
{
    /// <summary>Tells the kernel that there are answers. Any thread, one at a time.</summary>
    /// <returns>False when the kernel has no such device any more.</returns>
    bool Ring();

    /// <summary>Called once for each pass over the ring, on the thread that takes commands.</summary>
    void Passed()
    {
    }
}
