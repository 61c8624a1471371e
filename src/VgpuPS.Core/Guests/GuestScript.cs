namespace VgpuPS.Core.Guests;

/// <summary>A small script for a guest's shell; its arguments are handed over, never pasted into it.</summary>
/// <param name="Name">What it does, in a word.</param>
/// <param name="Body">Its text. Exit code 44 means that the file is not there.</param>
public sealed record GuestScript(string Name, string Body)
{
    /// <summary>Exit code of a script that misses its file.</summary>
    public const int NotThere = 44;

    /// <summary>Exit code of a script that finds its lock taken.</summary>
    public const int Taken = 75;
}
