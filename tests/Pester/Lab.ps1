# Dot-sourced after Common.ps1 by files that need a simulated host in a file, or one behind OpenSSH's client.
$TestLabProgram = Join-Path $PSScriptRoot '../../out/VgpuPS/module/bin/vgpu-lab.dll'
$TestLabRuntime = Join-Path $TestDrive 'vgpu-lab.runtimeconfig.json'
Set-Content $TestLabRuntime '{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"}}}'

# vgpu-lab's command line; the module brings the program as a library.
function Invoke-TestLab {
    param([string] $State, [string[]] $Argument)
    $text = & dotnet exec --runtimeconfig $TestLabRuntime $TestLabProgram --state $State @Argument 2>&1 | ForEach-Object ToString
    if ($LASTEXITCODE) {
        throw "vgpu-lab ${Argument}: exit code ${LASTEXITCODE}: $text"
    }

    $text
}

# A new host in a file.
function New-TestLabFile {
    param([string] $State, [string[]] $Option = @('--gpu', 'A30', '--gpu', 'A30', '--guests'))
    Remove-Item $State -ErrorAction Ignore
    Invoke-TestLab $State (@('init') + $Option) | Out-Null
}

# A new host in a file, and the only session.
function Connect-TestLabFile {
    param([string] $State)
    New-TestLabFile $State
    Disconnect-All
    Connect-VgpuHost -LabState $State -Name lab | Out-Null
}

# The whole host as text, without the number of calls that were made.
function Get-TestLabState {
    param([string] $State)
    (Get-Content $State -Raw) -replace '"sequence":\s*\d+'
}

# A file that looks like a program for x86-64, for installing where nobody runs it.
function New-TestProgram {
    param([string] $Path, [string] $Text = ' a program')
    [IO.File]::WriteAllBytes($Path, [byte[]](0x7f, 0x45, 0x4c, 0x46, 2) + [byte[]]::new(13) + [byte[]](0x3e) + [Text.Encoding]::ASCII.GetBytes($Text))
}

# Puts a stand-in for OpenSSH's client first on the PATH. The host NAME is the simulated one in NAME.json of the folder that
# it returns; any other refuses to be connected to, in the real client's words. Command lines are kept in the file "calls".
function Enter-TestSsh {
    $folder = Join-Path $TestDrive 'ssh'
    New-Item $folder -ItemType Directory -Force | Out-Null
    $script:TestPath = $env:PATH
    $env:PATH = $folder + [IO.Path]::PathSeparator + $env:PATH
    Set-Content (Join-Path $folder 'ssh') @"
#!/bin/sh
folder='$folder'
lab() { dotnet exec --runtimeconfig '$TestLabRuntime' '$TestLabProgram' --state "`$folder/`$host.json" "`$@"; }
echo "`$*" >>"`$folder/calls"
for argument; do host=`$command command=`$argument; done
[ -e "`$folder/`$host.json" ] || { echo "ssh: connect to host `$host port 22: Connection refused" >&2; exit 255; }
case `$command in
*"head -c "*)
    size=`${command#*head -c }
    program=`$(mktemp)
    trap 'rm -f "`$program"; lab rm /usr/lib/.vgpups-staged/vgpu-hook' EXIT
    head -c "`${size%% *}" >"`$program"
    lab put /usr/lib/.vgpups-staged/vgpu-hook "`$program" </dev/null
    lab agent ;;
*) lab agent ;;
esac
"@
    chmod +x (Join-Path $folder 'ssh')
    $folder
}

function Exit-TestSsh { $env:PATH = $script:TestPath }
