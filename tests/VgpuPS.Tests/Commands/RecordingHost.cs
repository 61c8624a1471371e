using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace VgpuPS.Tests.Commands;

/// <summary>Somebody at a console: reads what is printed, and answers questions as told to.</summary>
internal sealed class RecordingHost : PSHost
{
    private readonly Console _console = new();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "VgpuPS.Tests";

    public override PSHostUserInterface UI => _console;

    public override Version Version => new(1, 0);

    /// <summary>What was printed, such as the plan of <c>-WhatIf</c>.</summary>
    public List<string> Printed => _console.Printed;

    /// <summary>Progress that was shown: activity, step, kind.</summary>
    public List<string> Progress => _console.Progress;

    /// <summary>Questions that were asked, in order.</summary>
    public List<string> Questions => _console.Questions;

    /// <summary>
    /// Letters to answer the next questions with (y, a, n, l, s); where none is left, nobody is there, and PowerShell
    /// refuses to ask as it does with -NonInteractive.
    /// </summary>
    public Queue<char> Answers => _console.Answers;

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class Console : PSHostUserInterface
    {
        public List<string> Printed { get; } = [];

        public List<string> Progress { get; } = [];

        public List<string> Questions { get; } = [];

        public Queue<char> Answers { get; } = new();

        public override PSHostRawUserInterface? RawUI => null;

        public override int PromptForChoice(
            string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            if (Answers.Count == 0)
            {
                throw new PSInvalidOperationException("nobody is there to answer: " + message);
            }

            Questions.Add(message);
            var answer = Answers.Dequeue();
            return choices.Select((c, i) => (c.Label, Index: i))
                .Single(c => c.Label.Contains($"&{answer}", StringComparison.OrdinalIgnoreCase)).Index;
        }

        public override Dictionary<string, PSObject> Prompt(
            string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new PSInvalidOperationException("nobody is there to enter " + descriptions[0].Name);

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options) => throw new NotSupportedException();

        public override string ReadLine() => throw new PSInvalidOperationException("nobody is there to type");

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) => Printed.Add(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
            Write(value);

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteErrorLine(string value) => Printed.Add(value);

        public override void WriteLine(string value) => Printed.Add(value);

        public override void WriteProgress(long sourceId, ProgressRecord record) =>
            Progress.Add($"{record.Activity}: {record.StatusDescription}: {record.RecordType}");

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }
    }
}
