using System.IO.Pipes;
using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Hook;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Ssh;

/// <summary>A module's end and an agent on a simulated host, joined by two pipes.</summary>
internal sealed class AgentPair : IAsyncDisposable
{
    private readonly AnonymousPipeServerStream _toAgent = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _fromAgent = new(PipeDirection.In);
    private readonly CancellationTokenSource _stop = new();
    private readonly AnonymousPipeClientStream _agentOutput;
    private readonly TimeProvider _clock;

    /// <summary>Runs until it is cancelled, and then takes its time to take something back.</summary>
    public static UseCase<ReadHostRequest, HostReport> Endless { get; } = new(
        "endless", HostUseCases.ReadHost.RequestJson, HostUseCases.ReadHost.ResultJson, async (_, _, progress, token) =>
        {
            progress.Report(new StepProgress(1, 2, "begin"));
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                progress.Report(new StepProgress(2, 2, "take back"));
            }

            token.ThrowIfCancellationRequested();
            throw new NotSupportedException("it was not cancelled");
        });

    /// <summary>Reports what it was given, before its end.</summary>
    public static Func<PerformanceOutcome> Outcome { get; set; } = () => new PerformanceOutcome(null, null);

    /// <summary>Reports an outcome of a measurement, and reads the host then.</summary>
    public static UseCase<ReadHostRequest, HostReport> Measuring { get; } = new(
        "measuring", HostUseCases.ReadHost.RequestJson, HostUseCases.ReadHost.ResultJson,
        (host, request, progress, _) =>
        {
            progress.Report(new StepProgress(1, 2, "measured") { Outcome = Outcome() });
            return Task.FromResult(new ReadHost(host).Run(request));
        });

    public AgentPair(string banner = "", TimeProvider? clock = null, AgentHandshake? handshake = null)
    {
        _clock = clock ?? TimeProvider.System;
        Node = LabHostNode.Create(new LabOptions { Gpus = ["A30", "A30"], WithVms = true });
        var input = new AnonymousPipeClientStream(PipeDirection.In, _toAgent.ClientSafePipeHandle);
        _agentOutput = new AnonymousPipeClientStream(PipeDirection.Out, _fromAgent.ClientSafePipeHandle);
        _agentOutput.Write(Encoding.UTF8.GetBytes(banner));
        var agent = new AgentChannel(input, _agentOutput);
        Serving = ServeAsync(agent, handshake ?? AgentCommand.Introduce("pve1", true));
        Channel = new AgentChannel(_fromAgent, _toAgent);
        Client = new AgentClient("pve1", Channel, _clock, () => Task.FromResult<VgpuException>(
            new HostConnectionException(
                ErrorIds.ConnectionLost, "it has gone", "connect again: Connect-VgpuHost pve1", "pve1")));
    }

    public LabHostNode Node { get; }

    public AgentChannel Channel { get; }

    public AgentClient Client { get; }

    /// <summary>The agent, until it ends.</summary>
    public Task Serving { get; }

    public static async Task<AgentPair> OpenAsync(string banner = "")
    {
        var pair = new AgentPair(banner);
        await pair.Client.OpenAsync(CancellationToken.None);
        return pair;
    }

    /// <summary>What SIGTERM does.</summary>
    public Task StopAgentAsync() => _stop.CancelAsync();

    /// <summary>What SIGKILL does to the agent's end of the connection.</summary>
    public void BreakOff() => _agentOutput.Dispose();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _stop.CancelAsync();
        await Serving.WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task ServeAsync(AgentChannel channel, AgentHandshake handshake)
    {
        var server = new AgentServer(
            handshake, [.. LabUseCases.All, Endless, Measuring],
            (useCase, request, observer, token) => Node.RunAsync(
                useCase.Name, observer, ports => useCase.RunAsync(ports, request, observer, token)),
            _clock);
        try
        {
            await server.RunAsync(channel, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // SIGTERM.
        }
    }
}
