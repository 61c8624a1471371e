namespace VgpuPS.Core.Licensing;

/// <summary>What a line of the licence service's log says.</summary>
/// <remarks>Source: facts/host-behaviour.md 9, the lines of nvidia-gridd; facts/errors.md F and E3.</remarks>
public enum GriddEventKind
{
    /// <summary>Nothing that is known.</summary>
    Other = 0,

    /// <summary>The service began.</summary>
    Started,

    /// <summary>It asks a server.</summary>
    Acquiring,

    /// <summary>It has the licence.</summary>
    Acquired,

    /// <summary>The server refused, or did not answer.</summary>
    Failed,

    /// <summary>There is no token where it looks.</summary>
    TokenMissing,

    /// <summary>There is no <c>gridd.conf</c>; harmless.</summary>
    ConfMissing,

    /// <summary>It runs without a licence.</summary>
    NotLicensed,

    /// <summary>Guest and host driver do not fit.</summary>
    DriverMismatch,

    /// <summary>It gave the licence back.</summary>
    Released,
}
