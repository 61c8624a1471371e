using System.Text;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Guests;

/// <summary>The way to a guest.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Label">The VM for display: <c>VM 101 (web)</c>.</param>
/// <param name="Transport">How.</param>
/// <param name="Destination">SSH's destination, <c>[user@]host</c>; null with the agent.</param>
/// <param name="Login">Whom SSH logs in as, with a password; null for a key of the host's root.</param>
public sealed record GuestEndpoint(
    VmId Vm, string Label, GuestVia Transport, string? Destination = null, GuestLogin? Login = null)
{
    /// <summary>What no text from the guest may bring back; empty for nothing.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Text from the guest, or about it from the programs on the way, as everybody behind this door may have
    /// it.</summary>
    /// <param name="text">The text, of any number of lines.</param>
    public string Clean(string text) => VisibleText.Of(SecretText.Scrub(text, Secret), keepLines: true);

    /// <summary>The same for what is one line.</summary>
    /// <param name="text">The text.</param>
    public string CleanLine(string text) => VisibleText.Of(SecretText.Scrub(text, Secret));

    /// <summary>The last lines of what a program said, as one line.</summary>
    /// <param name="text">What it said.</param>
    /// <param name="count">How many lines.</param>
    public string LastLines(string text, int count) => CleanLine(string.Join(
        " | ",
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(count)));

    /// <summary>How a program ended in the guest, cleaned.</summary>
    public GuestResult ToResult(int? exitCode, int? signal, string output, string error, bool isTruncated)
    {
        var clean = Clean(output);
        return new GuestResult(exitCode, signal, clean, Clean(error), isTruncated) { IsAltered = clean != output };
    }

    // The secret is not printed.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Label).Append(", ").Append(Transport).Append(", ").Append(Destination);
        return true;
    }
}

/// <summary>A user of a guest and the password. A secret: it is not printed.</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password.</param>
public sealed record GuestLogin(string User, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => User;
}

/// <summary>How a guest is reached.</summary>
public enum GuestVia
{
    /// <summary>The QEMU guest agent, through Proxmox.</summary>
    Agent = 0,

    /// <summary>SSH, with the host's OpenSSH client.</summary>
    Ssh,
}
