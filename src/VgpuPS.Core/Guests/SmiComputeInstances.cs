using System.Text.RegularExpressions;

namespace VgpuPS.Core.Guests;

/// <summary>What <c>nvidia-smi mig -lci</c> lists in a guest.</summary>
/// <remarks>
/// Source: NVIDIA MIG user guide, "Compute Instances", for the table; facts/host-behaviour.md 3 and 4: the guest's
/// driver makes one by itself where there is none, those of a guest end with its VM, and a guest sees its GPU instance
/// as number 0.
/// </remarks>
public static partial class SmiComputeInstances
{
    private const int MaxRows = 64;

    /// <summary>Reads the table; rows that are none of it are passed over.</summary>
    public static IReadOnlyList<GuestComputeInstance> Parse(string text) =>
    [
        .. Row().Matches(text).Take(MaxRows).Select(m => new GuestComputeInstance(
            Number(m, "gpu"), Number(m, "id"), m.Groups["name"].Value, Number(m, "size"))),
    ];

    private static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^\|\s*(?<gpu>\d{1,3})\s+\d{1,3}\s+MIG (?<name>[0-9a-z.+]{1,32})\s+\d{1,3}\s+(?<id>\d{1,3})\s+"
            + @"\d{1,2}:(?<size>\d{1,2})\s*\|\s*$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}

/// <summary>A compute instance as a guest lists it.</summary>
/// <param name="Gpu">The guest's number of its GPU, from 0.</param>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="Profile">Name of its profile: <c>1c.2g.12gb</c>, or the GPU instance's where it fills it.</param>
/// <param name="Slices">Compute slices.</param>
public sealed record GuestComputeInstance(int Gpu, int Id, string Profile, int Slices);
