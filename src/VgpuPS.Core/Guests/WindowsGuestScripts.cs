namespace VgpuPS.Core.Guests;

/// <summary>What is run in Windows guests by Windows PowerShell; arguments are <c>$p1</c> and on.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 9 for folders, log and service; <see cref="GridRegistry"/> for the registry.
/// PowerShell parses them in the tests; not run on Windows.
/// </remarks>
public static class WindowsGuestScripts
{
    /// <summary>Seconds since 1970.</summary>
    public static readonly GuestScript Time = new("time", "[DateTimeOffset]::UtcNow.ToUnixTimeSeconds()");

    /// <summary>Prints a file: path.</summary>
    public static readonly GuestScript Read = new(
        "read",
        "if (-not (Test-Path -LiteralPath $p1)) { exit 44 }; [Console]::Out.Write([IO.File]::ReadAllText($p1))");

    /// <summary>Writes standard input to a file: path, temporary path beside it, mode (which Windows has none of),
    /// folder.</summary>
    public static readonly GuestScript Write = new("write", """
        New-Item -ItemType Directory -Force -Path $p4 | Out-Null
        [IO.File]::WriteAllText($p2, [Console]::In.ReadToEnd())
        Move-Item -Force -LiteralPath $p2 -Destination $p1
        """);

    /// <summary>Compares standard input with a file: path. Exit code 0 for the same, 1 for another.</summary>
    public static readonly GuestScript Same = new("same", """
        if (-not (Test-Path -LiteralPath $p1)) { exit 44 }
        exit [int]([IO.File]::ReadAllText($p1) -cne [Console]::In.ReadToEnd())
        """);

    /// <summary>Prints the tokens of a folder by path, one a line: folder.</summary>
    public static readonly GuestScript Tokens = new("tokens", """
        if (Test-Path -LiteralPath $p1) { Get-ChildItem -LiteralPath $p1 -Filter *.tok | ForEach-Object FullName }
        """);

    /// <summary>Moves a file: from, to.</summary>
    public static readonly GuestScript Move = new("move", """
        if (-not (Test-Path -LiteralPath $p1)) { exit 44 }; Move-Item -Force -LiteralPath $p1 -Destination $p2
        """);

    /// <summary>Removes a file or folder, if it is there: path.</summary>
    public static readonly GuestScript Remove = new("remove", """
        if (Test-Path -LiteralPath $p1) { Remove-Item -Recurse -Force -LiteralPath $p1 }
        """);

    /// <summary>Takes the lock of a change, or one older than a quarter of an hour: path. Exit code 75 where it is
    /// taken.</summary>
    public static readonly GuestScript Lock = new("lock", """
        $held = Get-Item -LiteralPath $p1 -ErrorAction SilentlyContinue
        if ($held -and $held.LastWriteTimeUtc -gt [DateTime]::UtcNow.AddMinutes(-15)) { exit 75 }
        if ($held) { $held.LastWriteTimeUtc = [DateTime]::UtcNow } else { New-Item -ItemType Directory -Path $p1 | Out-Null }
        """);

    /// <summary>Prints what licensing has in the registry, where newer drivers read it and where older ones do: key
    /// below HKEY_LOCAL_MACHINE, name, type and value between tabs, one a line.</summary>
    public static readonly GuestScript GetLicensing = new("getLicensing", """
        $paths = 'SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing',
            'SOFTWARE\NVIDIA Corporation\Global\GridLicensing'
        foreach ($path in $paths) {
            $key = Get-Item -LiteralPath "HKLM:\$path" -ErrorAction SilentlyContinue
            if (-not $key) { continue }
            foreach ($name in 'FeatureType', 'ClientConfigTokenPath', 'ServerAddress') {
                if ($key.GetValueNames() -contains $name) {
                    "$path`t$name`t$($key.GetValueKind($name))`t$($key.GetValue($name))"
                }
            }
        }
        """);

    /// <summary>Sets a value of the registry, or takes it away: key below HKEY_LOCAL_MACHINE, name, type or nothing,
    /// value.</summary>
    public static readonly GuestScript SetLicensing = new("setLicensing", """
        $path = "HKLM:\$p1"
        if (-not $p3) {
            if (Test-Path -LiteralPath $path) {
                Remove-ItemProperty -LiteralPath $path -Name $p2 -ErrorAction SilentlyContinue
            }
            exit 0
        }
        if (-not (Test-Path -LiteralPath $path)) { New-Item -Force -Path $path | Out-Null }
        if ($p3 -eq 'DWord') { $value = [int]$p4 } else { $value = $p4 }
        Set-ItemProperty -LiteralPath $path -Name $p2 -Type $p3 -Value $value
        """);

    /// <summary>Restarts a service: name.</summary>
    public static readonly GuestScript Restart = new("restart", "Restart-Service -Force -Name $p1");

    /// <summary>Number of lines of a log; 0 without one: path.</summary>
    public static readonly GuestScript CountLines = new(
        "countLines", "if (Test-Path -LiteralPath $p1) { @(Get-Content -LiteralPath $p1).Count } else { 0 }");

    /// <summary>Prints a log's last lines after the first ones: path, how many to leave out.</summary>
    public static readonly GuestScript Log = new(
        "log", "if (Test-Path -LiteralPath $p1) { Get-Content -LiteralPath $p1 | Select-Object -Skip ([int]$p2) | "
            + "Select-Object -Last 80 }");

    /// <summary>Runs <c>nvidia-smi -q</c>, which not all drivers put into the search path.</summary>
    /// <remarks>Source: https://github.com/awsdocs/amazon-ec2-user-guide-windows/issues/47 for its folders.</remarks>
    public static readonly GuestScript Smi = new("smi", """
        $smi = (Get-Command nvidia-smi.exe -ErrorAction SilentlyContinue).Source
        if (-not $smi) {
            $smi = Get-ChildItem -ErrorAction SilentlyContinue -Path @(
                "$env:ProgramFiles\NVIDIA Corporation\NVSMI\nvidia-smi.exe"
                "$env:SystemRoot\System32\DriverStore\FileRepository\nv*\nvidia-smi.exe"
            ) | Sort-Object LastWriteTimeUtc | Select-Object -Last 1 -ExpandProperty FullName
        }
        if (-not $smi) { exit 44 }
        & $smi -q; exit $LASTEXITCODE
        """);

    /// <summary>Exit code 0 where a name resolves: name.</summary>
    public static readonly GuestScript Resolve = new("resolve", "Resolve-DnsName -Name $p1 | Out-Null");

    /// <summary>Exit code 0 where a server's port takes a connection: server, port.</summary>
    public static readonly GuestScript Port = new(
        "port", "exit [int](-not (Test-NetConnection -ComputerName $p1 -Port ([int]$p2) -InformationLevel Quiet "
            + "-WarningAction SilentlyContinue))");

    /// <summary>Writes a part of a large file from base64: path.</summary>
    public static readonly GuestScript Part = new("part", """
        New-Item -ItemType Directory -Force -Path (Split-Path -Parent $p1) | Out-Null
        [IO.File]::WriteAllBytes($p1, [Convert]::FromBase64String([Console]::In.ReadToEnd()))
        """);

    /// <summary>Joins parts, prints the SHA-256 of the whole, and removes them: folder of the parts, file.</summary>
    public static readonly GuestScript Join = new("join", """
        $whole = [IO.File]::Create($p2)
        foreach ($part in Get-ChildItem -LiteralPath $p1 -Filter part-* | Sort-Object Name) {
            $bytes = [IO.File]::ReadAllBytes($part.FullName); $whole.Write($bytes, 0, $bytes.Length)
        }
        $whole.Close(); Remove-Item -Recurse -Force -LiteralPath $p1
        (Get-FileHash -Algorithm SHA256 -LiteralPath $p2).Hash
        """);

    /// <summary>Runs NVIDIA's installer without questions: file. Its exit code is the script's.</summary>
    /// <remarks>Source: assumed: -s -noreboot -clean, as public first-boot scripts of cloud guests do.</remarks>
    public static readonly GuestScript Install = new("install", """
        $setup = Start-Process -PassThru -Wait -FilePath $p1 -ArgumentList '-s','-noreboot','-clean'; exit $setup.ExitCode
        """);

    /// <summary>Restarts Windows.</summary>
    public static readonly GuestScript Reboot = new("reboot", "Restart-Computer -Force");

    /// <summary>When Windows was started, in seconds since 1970.</summary>
    public static readonly GuestScript BootTime = new(
        "bootTime", "([DateTimeOffset](Get-CimInstance Win32_OperatingSystem).LastBootUpTime).ToUnixTimeSeconds()");

    /// <summary>A text as PowerShell takes it for itself: in single quotes, which five characters could end.</summary>
    /// <param name="text">The text.</param>
    /// <remarks>Source: PowerShell, CodeGeneration.EscapeSingleQuotedStringContent: each of them stands for itself when
    /// doubled.</remarks>
    public static string Quote(string text) =>
        $"'{string.Concat(
            text.Select(c => c is '\'' or (>= '\u2018' and <= '\u201B') ? new string(c, 2) : c.ToString()))}'";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<GuestScript> All { get; } =
    [
        Time, Read, Write, Same, Tokens, Move, Remove, Lock, GetLicensing, SetLicensing, Restart, CountLines, Log, Smi,
        Resolve, Port, Part, Join, Install, Reboot, BootTime,
    ];
}

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
