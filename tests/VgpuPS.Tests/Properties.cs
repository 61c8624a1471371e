using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;
using Xunit.Sdk;

namespace VgpuPS.Tests;

/// <summary>How properties are tried: all of them with one seed, which a failure names.</summary>
internal static class Properties
{
    /// <summary>Environment variable with another seed: a number, or <c>random</c>.</summary>
    public const string Variable = "VGPUPS_SEED";

    private const ulong Pinned = 20261130;

    /// <summary>The seed of this run.</summary>
    public static ulong Seed { get; } = ReadSeed(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Fails where the property does not hold for one of the values drawn.</summary>
    /// <param name="property">The property.</param>
    /// <param name="runs">How many values are drawn.</param>
    public static void Holds(this Property property, int runs = 100) => property.Holds(runs, Seed);

    /// <summary>The same with a seed of one's own.</summary>
    public static void Holds(this Property property, int runs, ulong seed)
    {
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None));
        try
        {
            property.Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(replay));
        }
        catch (Exception e)
        {
            throw new XunitException($"seed {seed} ({Variable}={seed} draws the same again): {e.Message}", e);
        }
    }

    /// <summary>What the variable says; the pinned seed where it is not set.</summary>
    public static ulong ReadSeed(string? text) => text switch
    {
        null or "" => Pinned,
        "random" => (ulong)Random.Shared.NextInt64(long.MaxValue),
        _ => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
    };
}
