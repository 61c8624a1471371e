namespace VgpuPS.Lab.Guests;

/// <summary>What is wrong between a guest and its licence server.</summary>
/// <remarks>Source: facts/errors.md F1-F9, one a row as far as the guest's own state does not make it.</remarks>
public enum LabLicenseFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The server has no such product (F5).</summary>
    NoEntitlement,

    /// <summary>The server's clock differs, or the token was made too long ago (F4).</summary>
    ResponseExpired,

    /// <summary>The server's name is not known (F8).</summary>
    NameUnknown,

    /// <summary>The server's port takes no connection (F8).</summary>
    PortBlocked,

    /// <summary>The service keeps asking the server of an older token (F6).</summary>
    StaleToken,

    /// <summary>The service finds no token, whatever lies there (F2).</summary>
    TokenNotRead,

    /// <summary>The host does not take the guest's driver (E3).</summary>
    DriverTooOld,

    /// <summary>The service says nothing at all (F7).</summary>
    Silent,

    /// <summary>The server refuses for a reason that nobody knows (F1).</summary>
    Refused,
}
