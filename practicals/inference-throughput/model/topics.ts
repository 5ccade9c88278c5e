/** What the model's lessons tell. Our own words; multi-word terms are joined by a hyphen so that each is one token. */
export interface Topic {
  name: string
  needs: string
  purpose: string
  measure: string
  mistake: string
  machine: string
}

const table = `
ai-literacy | curiosity | judge what a system can and cannot do | the questions people ask afterwards | trust every fluent sentence | paper and pencil
prompting | ai-literacy | tell a model the task , the audience and the form | the share of answers kept without editing | hide the goal in small talk | a laptop
answer-checking | prompting | compare a claim with an independent source | the errors found before publication | ask the same model twice | a laptop
privacy | ai-literacy | keep personal data where they belong | the records that leave the house | paste a customer list into a public tool | a laptop
statistics | arithmetic | separate a signal from chance | the width of the interval | read a cause into a coincidence | a laptop
linear-algebra | arithmetic | move many numbers in one step | the residual of the solution | invert a matrix that has no inverse | one processor core
python | logic | write down a method so that a machine repeats it | the tests that pass | copy code without reading it | a laptop
data-cleaning | python | find gaps , doubles and impossible values | the rows that can be explained | delete what looks strange | one node
exploration | data-cleaning | see the shape of the data before modelling | the surprises written down | plot only what confirms the plan | one node
labelling | exploration | give examples the right name | the agreement between two annotators | let one tired person label everything | a laptop
regression | statistics | predict a quantity from others | the mean absolute error | extrapolate far outside the data | one node
classification | regression | sort cases into classes | the balanced accuracy | report accuracy on unbalanced classes | one node
clustering | exploration | group similar cases without labels | the stability under resampling | believe every group is real | one node
validation | classification | estimate the error on new cases | the gap between training and test | tune on the test set | one node
gradient-descent | linear-algebra | walk downhill on the loss | the loss per step | take steps that are too long | one accelerator
neural-networks | gradient-descent | learn layers of features | the loss on held-out data | add layers before reading the errors | one accelerator
attention | neural-networks | let every token look at the others | the cost per extra token | forget the mask for future tokens | one accelerator
tokenisation | attention | cut text into pieces a model knows | the tokens per word | train on one language and serve twenty | one processor core
pretraining | tokenisation | learn language from a large text | the perplexity on held-out text | leave the test set in the corpus | many accelerators
fine-tuning | pretraining | adapt a model to one task with few examples | the gain over the base model | erase what the model knew before | four accelerators
alignment | fine-tuning | make answers helpful and harmless | the preference of careful raters | reward the longest answer | four accelerators
distillation | fine-tuning | teach a small model with a large one | the size at equal quality | copy the mistakes of the teacher | four accelerators
evaluation | validation | decide whether a model is good enough for its use | a score with its uncertainty | choose the benchmark after the result | one accelerator
retrieval | tokenisation | give a model the documents it needs | the share of answers with a correct source | index stale pages | one node
agents | retrieval | let a model use tools in steps | the tasks finished without help | give every tool to every task | one accelerator
inference | attention | answer requests with a trained model | the tokens per second | measure the first request only | one accelerator
batching | inference | serve many requests in one pass over the weights | the requests per second at equal delay | wait too long for a full batch | one accelerator
caching | inference | keep keys and values of earlier tokens | the time per new token | compute the whole text again for each token | one accelerator
quantisation | inference | store weights in fewer bits | the memory and the loss of quality | trust a model that was never checked after it | one processor core
parallel-serving | batching | share the load among workers | the speed-up per worker | start more threads than cores | one node
monitoring | inference | notice drift and failures early | the minutes until an alarm | log personal data for ever | two servers
batch-queues | python | share a supercomputer fairly | the wait before the start | ask for a whole day and use one minute | the login node
job-scripts | batch-queues | say what a job needs before it runs | the resources used of those asked | run the work on the login node | the login node
containers | job-scripts | take the same software to every machine | the starts without surprises | build for the wrong architecture | the compute nodes
data-parallelism | gradient-descent | train one model on many accelerators | the efficiency of strong scaling | keep the learning rate and the batch unchanged | many accelerators
model-parallelism | data-parallelism | split a model too large for one memory | the idle time of each stage | cut where most data must cross | many accelerators
checkpointing | job-scripts | continue after a failure | the work lost per failure | write every file at the same second | the parallel file-system
profiling | job-scripts | find where the time goes | the share of time explained | guess | one accelerator
energy | profiling | know what a training run costs the planet | the kilowatt-hours per result | count only the accelerators | the whole machine-room
risk-assessment | ai-literacy | name who could be harmed and how | the risks with an owner | write it after the launch | paper and pencil
human-oversight | risk-assessment | let people stop or correct a system | the minutes until a stop works | show a button nobody may press | two servers
fairness | statistics | compare errors between groups | the largest gap between groups | drop the group from the table | one node
transparency | risk-assessment | tell people that a machine answered | the readers who noticed | print it in grey at the end | a laptop
procurement | transparency | buy a system with its duties written down | the promises that can be tested | buy the demonstration | paper and pencil
deployment | monitoring | bring a model to those who need it | the users who return | switch everything on a friday | two servers
change-management | deployment | bring colleagues along when work changes | the staff who use it after a month | announce it by mail | paper and pencil
`

export const topics: readonly Topic[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', needs = '', purpose = '', measure = '', mistake = '', machine = ''] = line.split(' | ')
    return { name, needs, purpose, measure, mistake, machine }
  })
