namespace VgpuPS.Host.Ssh;

/// <summary>The child's part of a login to a guest with a password: answers what the OpenSSH client asks for.</summary>
/// <remarks>
/// Source: ssh(1), SSH_ASKPASS and SSH_ASKPASS_REQUIRE (OpenSSH 8.4 and newer): the question is the program's only argument,
/// and the answer is its first line. The password travels in the environment, which on Linux only the same user and root
/// can read; a command line shows to all.
/// </remarks>
public static class AskPassCommand
{
    /// <summary>The variable that holds the password, and that makes this program answer.</summary>
    public const string Variable = "VGPUPS_ASKPASS";

    /// <summary>What every question for a password has in it.</summary>
    public const string Question = "assword";

    /// <summary>Answers, where this process was started for that.</summary>
    /// <returns>0 with the answer written, 1 for any other question; null where this process has other work.</returns>
    public static int? TryRun(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } password)
        {
            return null;
        }

        if (arguments is not [var question] || !question.Contains(Question, StringComparison.Ordinal))
        {
            return 1;
        }

        output.WriteLine(password);
        return 0;
    }
}
