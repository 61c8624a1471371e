namespace VgpuPS.Sessions;

/// <summary>Where the runners write to; may be called on any thread.</summary>
internal interface ICommandSink
{
    /// <summary>Writes an object to the pipeline.</summary>
    void WriteObject(object value);

    /// <summary>Says that one object failed; the next ones go on.</summary>
    void WriteFailure(VgpuException failure);

    /// <summary>Says what is of interest to those who look closely.</summary>
    void WriteVerbose(string message);

    /// <summary>Says what needs a decision of the user.</summary>
    void WriteWarning(string message);

    /// <summary>Says what begins now; shown to users once the command has run for two seconds.</summary>
    /// <param name="activity">What it belongs to: <c>GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>.</param>
    /// <param name="progress">The step.</param>
    void WriteProgress(string activity, StepProgress progress);

    /// <summary>The same of one of several that go on side by side.</summary>
    /// <param name="activity">What it belongs to.</param>
    /// <param name="progress">The step.</param>
    /// <param name="line">Its line, from 0.</param>
    void WriteProgress(string activity, StepProgress progress, int line) => WriteProgress(activity, progress);

    /// <summary>Takes a line of the progress away.</summary>
    void EndProgress(int line)
    {
    }

    /// <summary>Shows a plan and asks whether it shall be executed; false with <c>-WhatIf</c> or a no.</summary>
    /// <exception cref="VgpuException">A confirmation is needed, and no user can be prompted.</exception>
    Task<bool> ConfirmAsync(ChangePlan plan);

    /// <summary>Whether plans are shown, and none is executed.</summary>
    bool IsWhatIf => false;

    /// <summary>Says that a change is so already: to those who look closely, and with <c>-WhatIf</c>.</summary>
    void WriteNothing(ChangePlan plan) => WriteVerbose(plan.DescribeNothing());

    /// <summary>Works on one of several objects: a failure is written, and the next ones go on.</summary>
    async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            WriteFailure(failure);
        }
    }
}
